// Package leak fails a test binary that leaves goroutines behind.
package leak

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is how long goroutines that are about to end get for it.
const patience = 5 * time.Second

// Check runs a package's tests and exits: with their status, or with 1 if they pass but leave
// goroutines behind, whose stacks it prints. Call it from TestMain.
func Check(m *testing.M) {
	status := m.Run()
	if status == 0 {
		if left := Goroutines(patience); len(left) > 0 {
			fmt.Fprintf(os.Stderr, "leak: %d goroutines left behind:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
			status = 1
		}
	}
	os.Exit(status)
}

// Goroutines returns the stacks of the goroutines that belong neither to the runtime nor to package
// testing, nor to the caller. It waits up to patience for them to end.
func Goroutines(patience time.Duration) []string {
	deadline := time.Now().Add(patience)
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		left := strangers()
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		time.Sleep(pause)
	}
}

func strangers() []string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	var left []string
	for i, stack := range strings.Split(strings.TrimSpace(string(buf)), "\n\n") {
		if i > 0 && !familiar(stack) { // the first is the caller's
			left = append(left, stack)
		}
	}
	return left
}

// familiar reports whether a goroutine belongs to the test binary itself.
func familiar(stack string) bool {
	for _, mark := range []string{
		"testing.(*M).", "testing.Main(", "testing.runFuzzing(",
		"os/signal.signal_recv(", "os/signal.loop(",
		"runtime.ensureSigM(", "runtime/trace.Start", "runtime/pprof.profileWriter(",
		"internal/fuzz.", "created by runtime.gc",
	} {
		if strings.Contains(stack, mark) {
			return true
		}
	}
	return false
}
