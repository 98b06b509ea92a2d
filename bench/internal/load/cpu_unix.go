//go:build unix

package load

import (
	"syscall"
	"time"
)

// cpuTime is the CPU time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it takes nothing that could be wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
