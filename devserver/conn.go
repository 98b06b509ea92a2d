package devserver

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// conn is a WebSocket connection. One goroutine reads its frames and handles them strictly one
// after another, replies included; another one writes its events. They wait for each other only to
// take the write lock.
type conn struct {
	srv    *Server
	number int // from 1, in the order of the requests for an upgrade
	link   *link
	stream *stream
	sub    *subscriber

	// Set once, by the handshake, before the event writer starts. The server's lock is held then,
	// because Sessions reads them.
	session string
	format  wire.Format
	who     *Identity
	since   time.Time
	writer  sync.WaitGroup // of events

	heldIn  []*wire.Frame // by a Reorder, for the reader
	heldOut []func()      // by a Reorder, under the write lock

	writeLock chan struct{} // one slot: the goroutine that filled it writes
	done      chan struct{}
	once      sync.Once
}

var (
	errDropped = errors.New("connection dropped")
	errRefused = errors.New("the upgrade is refused by a fault")
)

// serveSocket upgrades a request and serves the connection to its end.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, ErrClosed.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.serving.Done()
	c := &conn{
		srv: s, sub: newSubscriber(&s.cfg), format: wire.FormatJSON,
		writeLock: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.mu.Lock()
	s.number++
	c.number = s.number
	s.mu.Unlock()

	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	c.link = newLink(nc)
	early, _ := rw.Peek(rw.Reader.Buffered())
	c.stream = newStream(c, early)
	s.mu.Lock()
	s.conns[c] = struct{}{}
	if s.closed {
		c.drop()
	}
	s.mu.Unlock()

	err = errExited
	defer func() { c.end(err) }() // runs even if a handler ends this goroutine
	if err = c.upgrade(w, r); err == nil {
		err = errExited
		err = c.serve()
	}
}

// end releases everything that the connection holds.
func (c *conn) end(cause error) {
	if broken := (*websock.ProtocolError)(nil); errors.As(cause, &broken) {
		c.link.reset()
	}
	c.drop()
	c.writer.Wait()
	c.srv.broker.leave(c.sub)
	c.srv.mu.Lock()
	delete(c.srv.conns, c)
	c.srv.drops.add(c.sub.dropped())
	c.srv.mu.Unlock()
	c.srv.cfg.log.Debug("connection ended", slog.Int("conn", c.number), slog.Any("cause", cause))
}

// enter reports whether the server is open, and adds 1 to serving if it is. The caller then calls
// serving.Done.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.serving.Add(1)
	return true
}

// upgrade upgrades the connection to a WebSocket.
func (c *conn) upgrade(w http.ResponseWriter, r *http.Request) error {
	fault := c.srv.faults.at(faultPoint{conn: c})
	if fault != nil {
		fault.applyConn()
		fault.wait()
		if fault.cut >= 0 {
			c.link.cutAfter(fault.cut)
		}
	}
	switch {
	case c.link.mute.Load():
		return c.ignore()
	case fault != nil && fault.upgrade != nil:
		return errors.Join(errRefused, fault.upgrade.write(c.link, r))
	}
	_, _, _, err := ws.UpgradeHTTP(r, hijacked{w, c.link})
	return err
}

// hijacked is a response writer whose Hijack returns the connection that was hijacked before.
type hijacked struct {
	http.ResponseWriter
	link *link
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.link, bufio.NewReadWriter(bufio.NewReader(h.link), bufio.NewWriter(h.link)), nil
}

// serve handles frames until the connection ends. The first frame authenticates.
func (c *conn) serve() error {
	for {
		frames, err := c.receive()
		if err != nil {
			return err
		}
		for _, fr := range frames {
			if c.who == nil {
				err = c.handshake(fr)
			} else {
				err = c.handle(fr)
			}
			if err != nil {
				return err
			}
		}
	}
}

// drop closes the connection without a close frame. It is safe for concurrent and repeated use.
func (c *conn) drop() {
	c.once.Do(func() {
		close(c.done)
		_ = c.link.Close()
	})
}

// context returns the context of a method that is served for this connection. It ends with the
// server, not with the connection: the connection is not read while a method is served.
func (c *conn) context(fr *wire.Frame) context.Context {
	return withCaller(c.srv.memory().ctx, caller{
		who: c.who, conn: c.number, session: c.session, request: fr.ID, strict: c.srv.cfg.strict,
	})
}
