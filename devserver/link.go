package devserver

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// link is the network connection below a stream, with the effects of faults.
type link struct {
	net.Conn
	mute     atomic.Bool  // writes succeed and send nothing
	readRate atomic.Int64 // bytes a second, negative for no limit
	ended    chan struct{}
	once     sync.Once

	left int // bytes until the cut, negative for none; used under the write lock
}

var errCut = errors.New("cut by a fault")

func newLink(c net.Conn) *link {
	l := &link{Conn: c, ended: make(chan struct{}), left: -1}
	l.readRate.Store(-1)
	return l
}

func (l *link) Close() error {
	l.once.Do(func() { close(l.ended) })
	return l.Conn.Close()
}

// reset makes Close reset a TCP connection, as the system does when a server closes one with unread
// input.
func (l *link) reset() {
	if tcp, ok := l.Conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
}

// cutAfter closes the connection when n more bytes have been written, at once for 0. The write lock
// is held.
func (l *link) cutAfter(n int) {
	if l.left < 0 || n < l.left {
		l.left = n
	}
	if l.left == 0 {
		_ = l.Close()
	}
}

func (l *link) Write(p []byte) (int, error) {
	if l.mute.Load() {
		return len(p), nil
	}
	if l.left < 0 {
		return l.Conn.Write(p)
	}
	n, err := l.Conn.Write(p[:min(len(p), l.left)])
	l.left -= n
	if err == nil && l.left == 0 {
		_ = l.Close()
		if n < len(p) {
			err = errCut
		}
	}
	return n, err
}

// Read reads no faster than readRate. Data that was read before the rate was set is not delayed.
func (l *link) Read(p []byte) (int, error) {
	rate := l.readRate.Load()
	if rate < 0 {
		return l.Conn.Read(p)
	}
	if rate == 0 {
		<-l.ended
		return 0, net.ErrClosed
	}
	const slices = 10 // a second
	n, err := l.Conn.Read(p[:min(len(p), max(1, int(rate)/slices))])
	pause := time.NewTimer(time.Duration(n) * time.Second / time.Duration(rate))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-l.ended:
	}
	return n, err
}
