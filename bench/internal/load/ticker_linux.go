package load

import (
	"encoding/binary"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ticker ticks at a fixed interval by a timer of the kernel, for which a goroutine waits as for a
// connection. The runtime's own timers would be up to a millisecond late, which is more than what
// is to be measured. A sleep in the kernel would keep the only processor from the client until the
// runtime takes it away.
type ticker struct {
	file *os.File
}

func newTicker(interval time.Duration) (*ticker, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	file := os.NewFile(uintptr(fd), "ticker")
	each := unix.NsecToTimespec(int64(interval))
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Interval: each, Value: each}, nil); err != nil {
		_ = file.Close()
		return nil, os.NewSyscallError("timerfd_settime", err)
	}
	return &ticker{file: file}, nil
}

// wait waits for the next tick and returns how many there were since the one before.
func (t *ticker) wait() (ticks int, err error) {
	var b [8]byte
	if _, err := t.file.Read(b[:]); err != nil {
		return 0, err
	}
	return int(binary.NativeEndian.Uint64(b[:])), nil
}

func (t *ticker) stop() error { return t.file.Close() }
