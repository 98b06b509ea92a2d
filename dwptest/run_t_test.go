package dwptest_test

import (
	"flag"
	"testing"
)

// runT runs the test of an Example that needs a *testing.T, once and without the output of -v.
func runT(test func(*testing.T)) {
	for name, value := range map[string]string{"test.v": "false", "test.count": "1"} {
		f := flag.Lookup(name)
		defer func(was string) { _ = f.Value.Set(was) }(f.Value.String())
		_ = f.Value.Set(value)
	}
	every := func(_, _ string) (bool, error) { return true, nil }
	testing.RunTests(every, []testing.InternalTest{{Name: "Example", F: test}})
}
