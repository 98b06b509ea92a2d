package dwptest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// run runs the test of an Example, which has no testing.T of its own.
func run(test func(testing.TB)) {
	t := &exampleT{}
	var cancel context.CancelFunc
	t.ctx, cancel = context.WithCancel(context.Background())
	defer func() {
		cancel()
		for _, v := range slices.Backward(t.cleanups) {
			v()
		}
	}()
	test(t)
}

type exampleT struct {
	testing.TB
	ctx      context.Context
	cleanups []func()
}

func (t *exampleT) Helper()                           {}
func (t *exampleT) Context() context.Context          { return t.ctx }
func (t *exampleT) Cleanup(f func())                  { t.cleanups = append(t.cleanups, f) }
func (t *exampleT) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (t *exampleT) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (t *exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (t *exampleT) Failed() bool                      { return false }
func (t *exampleT) Skipped() bool                     { return false }
