package sim

import (
	"bytes"
	"runtime"
	"strings"
	"testing/synctest"
)

// checkGoroutines sees whether everybody but the caller has left the bubble.
func (w *world) checkGoroutines() {
	synctest.Wait()
	if left := stacks(""); left != "" {
		w.violate("goroutines left behind:\n%s", left)
	}
}

// stacks returns the stacks of the bubble's other goroutines that mention something.
func stacks(something string) string {
	buf := make([]byte, 1<<20)
	for n := runtime.Stack(buf, true); n == len(buf); n = runtime.Stack(buf, true) {
		buf = make([]byte, 2*n)
	}
	all := strings.Split(string(bytes.TrimRight(buf, "\x00")), "\n\n")
	header, _, _ := strings.Cut(all[0], "\n")
	_, bubble, found := strings.Cut(header, "synctest bubble ")
	if !found {
		return "(not in a bubble)"
	}
	var mine []string
	for _, stack := range all[1:] {
		header, _, _ := strings.Cut(stack, "\n")
		own := strings.Contains(stack, "internal/synctest.Run(") || strings.Contains(stack, "synctest.testingSynctestTest(")
		if strings.HasSuffix(header, "synctest bubble "+bubble) && !own && strings.Contains(stack, something) {
			mine = append(mine, stack)
		}
	}
	return strings.Join(mine, "\n\n")
}
