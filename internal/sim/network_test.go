package sim

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/xraph/dispatch/internal/memnet"
)

// network connects the client with the server, badly if it is set to. It keeps what the client has
// read of every connection, so that the invariants know what was lost on the client's side of the
// wire.
type network struct {
	buffer int // bytes in each direction of a connection
	log    func(format string, args ...any)
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu       sync.Mutex
	links    []*link
	refusing bool          // dials fail
	down     string        // dials of this endpoint fail
	slowness time.Duration // of dials
	onDial   []func(*link) // for connections to come, one each
}

// link is one connection, with both its ends.
type link struct {
	*memnet.Conn // the client's end
	server       *memnet.Conn
	number       int
	addr         string // of the endpoint that was dialled
	handed       bool   // the client has it

	mu    sync.Mutex
	heard []byte    // what the client has read
	over  time.Time // when the client closed its end
}

func newNetwork(buffer int, log func(string, ...any)) *network {
	return &network{buffer: buffer, log: log, accept: make(chan net.Conn), closed: make(chan struct{})}
}

// dial is the client's dial function.
func (n *network) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	n.mu.Lock()
	slowness := n.slowness
	n.mu.Unlock()
	if err := pause(ctx, slowness); err != nil {
		return nil, err
	}
	n.mu.Lock()
	if n.refusing || addr == n.down {
		n.mu.Unlock()
		return nil, &net.OpError{Op: "dial", Net: "mem", Err: syscall.ECONNREFUSED}
	}
	l := &link{number: len(n.links) + 1, addr: addr}
	l.Conn, l.server = memnet.Pipe(n.buffer)
	n.links = append(n.links, l)
	if len(n.onDial) > 0 {
		n.onDial[0](l)
		n.onDial = n.onDial[1:]
	}
	n.mu.Unlock()
	n.log("link %d to %s dialled", l.number, addr)
	select {
	case n.accept <- l.server:
		l.handed = true
		return l, nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept, Close and Addr make it the server's listener.
func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.accept:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *network) Addr() net.Addr { return n }

func (n *network) Network() string { return "sim" }
func (n *network) String() string  { return "server.sim:80" }

// all returns every connection there ever was.
func (n *network) all() []*link {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]*link(nil), n.links...)
}

// each does something to the connections that are open.
func (n *network) each(do func(*link)) {
	for _, l := range n.all() {
		if !l.ended() {
			do(l)
		}
	}
}

// next does something to a connection to come, when it is made.
func (n *network) next(do func(*link)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.onDial = append(n.onDial, do)
}

func (n *network) refuse(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refusing = on
}

// lose takes an endpoint down, with its connections; "" ends that.
func (n *network) lose(addr string) {
	n.mu.Lock()
	n.down = addr
	n.mu.Unlock()
	n.each(func(l *link) {
		if l.addr == addr {
			l.Cut()
		}
	})
}

func (n *network) slow(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.slowness = d
}

// heal removes all faults from the network. Frozen connections stay frozen: only the client's own
// keepalive can detect them.
func (n *network) heal() {
	n.mu.Lock()
	n.refusing, n.down, n.slowness, n.onDial = false, "", 0, nil
	n.mu.Unlock()
	n.each((*link).resume)
}

func (l *link) stall() {
	l.Stall()
	l.server.Stall()
}

func (l *link) resume() {
	l.Resume()
	l.server.Resume()
}

// Read is the client's, and remembers what it got.
func (l *link) Read(p []byte) (int, error) {
	k, err := l.Conn.Read(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, p[:k]...)
	return k, err
}

// Close is the client's.
func (l *link) Close() error {
	l.mu.Lock()
	if l.over.IsZero() {
		l.over = time.Now()
	}
	l.mu.Unlock()
	return l.Conn.Close()
}

func (l *link) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.over.IsZero()
}

// what returns what the client has read.
func (l *link) what() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
}
