package memnet

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// pipe is one direction of a connection: a bounded buffer and its faults.
type pipe struct {
	mu      sync.Mutex
	buf     []byte
	limit   int
	changed chan struct{} // closed and replaced whenever something below changes

	over    error // what a reader gets once buf is empty, and a writer a form of
	frozen  bool
	stalled bool
	budget  int   // bytes that may still be written before the cut, -1 for any number
	other   *pipe // what breaks together with this one
	rate    int   // bytes a second, 0 for any number
	clear   time.Time
}

// slices is into how many pieces a second of a limited rate is cut.
const slices = 100

func newPipe(limit int) *pipe {
	return &pipe{limit: limit, changed: make(chan struct{}), budget: -1}
}

func (p *pipe) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *pipe) read(b []byte, late, closed <-chan struct{}) (int, error) {
	for {
		select {
		case <-closed:
			return 0, net.ErrClosed
		case <-late:
			return 0, errDeadline
		default:
		}
		p.mu.Lock()
		if !p.frozen && !p.stalled && (len(p.buf) > 0 || len(b) == 0) {
			n := copy(b, p.buf)
			p.buf = append(p.buf[:0], p.buf[n:]...)
			p.notify()
			p.mu.Unlock()
			return n, nil
		}
		if p.over != nil && !p.frozen && len(p.buf) == 0 {
			err := p.over
			p.mu.Unlock()
			return 0, err
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-closed:
		case <-late:
		}
	}
}

func (p *pipe) write(b []byte, late, closed <-chan struct{}) (written int, err error) {
	for {
		select {
		case <-closed:
			return written, net.ErrClosed
		case <-late:
			return written, errDeadline
		default:
		}
		p.mu.Lock()
		if p.over != nil && !p.frozen {
			err := p.over
			if errors.Is(err, io.EOF) {
				err = syscall.EPIPE
			}
			p.mu.Unlock()
			return written, err
		}
		pause := time.Until(p.clear)
		n := 0
		if pause <= 0 {
			n, pause = p.take(b[written:])
			written += n
		}
		cut := p.budget == 0
		other := p.other
		if cut {
			p.over = syscall.ECONNRESET
		}
		if n > 0 || cut {
			p.notify()
		}
		changed := p.changed
		p.mu.Unlock()
		if cut {
			other.cut()
			return written, syscall.ECONNRESET
		}
		if written == len(b) {
			return written, nil
		}
		var paced <-chan time.Time // blocks for ever unless the rate is limited
		if pause > 0 {
			paced, changed = time.After(pause), nil
		}
		select {
		case <-changed:
		case <-paced:
		case <-closed:
		case <-late:
		}
	}
}

// take buffers as much of b as fits, or loses all of it if frozen. It returns how much, and when
// the rate lets more in.
func (p *pipe) take(b []byte) (int, time.Duration) {
	if p.frozen {
		return len(b), 0
	}
	n := min(len(b), p.limit-len(p.buf))
	var pause time.Duration
	if p.rate > 0 && n > 0 {
		n = min(n, max(1, p.rate/slices))
		pause = time.Duration(n) * time.Second / time.Duration(p.rate)
		p.clear = time.Now().Add(pause)
	}
	if p.budget >= 0 {
		n = min(n, p.budget)
		p.budget -= n
	}
	p.buf = append(p.buf, b[:n]...)
	return n, pause
}

// end lets the reader finish what is buffered and then gives it err.
func (p *pipe) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over == nil {
		p.over = err
	}
	p.notify()
}

func (p *pipe) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over, p.buf = syscall.ECONNRESET, nil
	p.notify()
}

func (p *pipe) cutAfter(n int, other *pipe) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget, p.other = n, other
	p.notify()
}

func (p *pipe) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen, p.buf = true, nil
	p.notify()
}

func (p *pipe) stall(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = on
	p.notify()
}

func (p *pipe) throttle(rate int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate, p.clear = rate, time.Time{}
	p.notify()
}
