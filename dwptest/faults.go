package dwptest

import (
	"slices"
	"testing"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/conform"
)

// reportFaults fails a test that has ended for the faults that were not what it takes them for: those that name a method that
// there is not, and those that never acted, disarmed or not. In a test that has failed before, or was skipped, they are
// only logged: it may not have come to them.
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
				report("dwptest: the fault %s names %q, which is no method; AllowMethods allows it", in.Fault, method)
			}
		}
		if named && in.Acted == 0 && !c.idle {
			report("dwptest: the fault %s never acted, and came to %d moments; AllowIdleFaults allows it", in.Fault, in.Seen)
		}
	}
}
