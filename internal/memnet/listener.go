package memnet

import (
	"context"
	"net"
	"sync"
)

// Listener accepts in-memory connections. Its [Listener.Dial] has the shape of a client's dial
// function. It is safe for concurrent use.
type Listener struct {
	buffer int
	queue  chan *Conn
	closed chan struct{}
	close  sync.Once
}

var _ net.Listener = (*Listener)(nil)

// Listen returns a listener whose connections hold up to buffer bytes in each direction,
// [DefaultBuffer] if buffer is not positive.
func Listen(buffer int) *Listener {
	return &Listener{buffer: buffer, queue: make(chan *Conn), closed: make(chan struct{})}
}

// Dial connects to the listener, waiting until it accepts, ctx ends or the listener closes. The
// network and the address do not matter.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := Pipe(l.buffer)
	select {
	case l.queue <- server:
		return client, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "mem", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "mem", Err: ctx.Err()}
	}
}

// Accept waits for the next connection; it is a [*Conn].
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and Dial. Connections stay open.
func (l *Listener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return nil
}

// Addr names the listener.
func (l *Listener) Addr() net.Addr { return addr("server") }
