// Package memnet is an in-memory network with a buffer in each direction, deadlines, and faults
// on demand: a connection that breaks after so many bytes, or that goes silent without a sign.
//
// It blocks on channels only, never in the kernel, so it works inside a testing/synctest bubble.
package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// DefaultBuffer is how many bytes one direction of a connection holds before a
// write waits for a read.
const DefaultBuffer = 64 << 10

// Conn is one end of an in-memory connection. It is safe for concurrent use.
type Conn struct {
	in, out     *pipe
	read, write deadline
	name        string
	close       sync.Once
	closed      chan struct{}
}

var _ net.Conn = (*Conn)(nil)

// Pipe returns the two ends of a new connection whose directions hold up to buffer bytes
// each, [DefaultBuffer] if buffer is not positive.
func Pipe(buffer int) (client, server *Conn) {
	if buffer <= 0 {
		buffer = DefaultBuffer
	}
	up, down := newPipe(buffer), newPipe(buffer)
	client = &Conn{in: down, out: up, name: "client", closed: make(chan struct{})}
	server = &Conn{in: up, out: down, name: "server", closed: make(chan struct{})}
	for _, c := range []*Conn{client, server} {
		c.read.init()
		c.write.init()
	}
	return client, server
}

// Read reads what the other end wrote. After the other end's Close it returns io.EOF once
// everything is read; after a cut it returns ECONNRESET at once.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p, c.read.wait(), c.closed)
	return n, c.wrap("read", err)
}

// Write writes p, waiting while the direction's buffer is full. It returns how many bytes
// were taken before an error.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p, c.write.wait(), c.closed)
	return n, c.wrap("write", err)
}

func (c *Conn) wrap(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "mem", Addr: c.RemoteAddr(), Err: err}
}

// Close closes this end: the other one reads what is under way and then io.EOF, and its writes
// fail.
func (c *Conn) Close() error {
	c.close.Do(func() {
		close(c.closed)
		c.out.end(io.EOF)
		c.in.end(syscall.EPIPE)
	})
	return nil
}

// Cut breaks both directions at once: what is under way is lost, and both ends get ECONNRESET.
func (c *Conn) Cut() {
	c.out.cut()
	c.in.cut()
}

// CutAfterWrites breaks both directions as soon as this end has written n more bytes, of which the
// other end can still read all. The write that crosses the mark returns how far it got.
func (c *Conn) CutAfterWrites(n int) { c.out.cutAfter(n, c.in) }

// Freeze makes the connection half-open in both directions: what is written from now on vanishes,
// nothing arrives, and neither end gets an error.
func (c *Conn) Freeze() {
	c.out.freeze()
	c.in.freeze()
}

// Stall keeps what this end writes from leaving the buffer until [Conn.Resume]: the other end
// reads nothing, and once the buffer is full, writes wait.
func (c *Conn) Stall() { c.out.stall(true) }

// StallReads keeps what the other end writes from arriving here until [Conn.Resume]: it is a Stall
// of the other end.
func (c *Conn) StallReads() { c.in.stall(true) }

// Resume ends a [Conn.Stall] and a [Conn.StallReads].
func (c *Conn) Resume() {
	c.out.stall(false)
	c.in.stall(false)
}

// SetDeadline sets both deadlines, as in [net.Conn].
func (c *Conn) SetDeadline(t time.Time) error {
	c.read.set(t)
	c.write.set(t)
	return nil
}

// SetReadDeadline is as in [net.Conn].
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.read.set(t)
	return nil
}

// SetWriteDeadline is as in [net.Conn].
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.write.set(t)
	return nil
}

// LocalAddr names this end.
func (c *Conn) LocalAddr() net.Addr { return addr(c.name) }

// RemoteAddr names the other end.
func (c *Conn) RemoteAddr() net.Addr {
	if c.name == "client" {
		return addr("server")
	}
	return addr("client")
}

// Throttle limits both directions to so many bytes a second, 0 for any number: writes wait until
// the link has taken what they wrote.
func (c *Conn) Throttle(bytesPerSecond int) {
	c.out.throttle(bytesPerSecond)
	c.in.throttle(bytesPerSecond)
}

type addr string

func (addr) Network() string  { return "mem" }
func (a addr) String() string { return string(a) }

// deadline is a point in time that can be moved while a read or write waits for it.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	gone  chan struct{} // closed when the deadline has passed
}

func (d *deadline) init() { d.gone = make(chan struct{}) }

func (d *deadline) wait() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.gone
}

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.gone // the timer has fired: let it close what it was made with
	}
	d.timer = nil
	select {
	case <-d.gone:
		d.gone = make(chan struct{})
	default:
	}
	switch left := time.Until(t); {
	case t.IsZero():
	case left <= 0:
		close(d.gone)
	default:
		gone := d.gone
		d.timer = time.AfterFunc(left, func() { close(gone) })
	}
}

var errDeadline = os.ErrDeadlineExceeded
