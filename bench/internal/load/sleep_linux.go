package load

import (
	"errors"
	"syscall"
	"time"
)

// sleepUntil sleeps in the kernel. A timer of the runtime would be up to a millisecond late, which
// is more than what is to be measured.
func sleepUntil(t time.Time) {
	for d := time.Until(t); d > 0; d = time.Until(t) { // a signal may wake it early
		spec := syscall.NsecToTimespec(int64(d))
		if err := syscall.Nanosleep(&spec, nil); err != nil && !errors.Is(err, syscall.EINTR) {
			panic(err) // a mistake in this program
		}
	}
}
