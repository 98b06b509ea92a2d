package dwptest

import (
	"slices"
	"testing"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/conform"
)

// reportFaults fails a test at its end for each fault that names an unknown method, and for each
// that never acted, disarmed or not. In a test that has failed or was skipped it only logs them,
// because the test may have stopped before.
func (c *config) reportFaults(t testing.TB, checker *conform.Checker, faults []devserver.Injected) {
	t.Helper()
	report := t.Errorf
	if t.Failed() || t.Skipped() {
		report = t.Logf
	}
	for _, in := range faults {
		named := true
		for _, method := range in.Fault.Match().Methods() {
			if !checker.Knows(method) && !slices.Contains(c.methods, method) {
				named = false
				report("dwptest: the fault %s names the unknown method %q (see AllowMethods)", in.Fault, method)
			}
		}
		if named && in.Acted == 0 && !c.idle {
			report("dwptest: the fault %s never acted; it matched %d times (see AllowIdleFaults)", in.Fault, in.Seen)
		}
	}
}
