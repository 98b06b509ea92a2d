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

// conn is a WebSocket connection. One goroutine reads its frames and handles them strictly
// one after another, replies included; another one writes its events. Neither waits for
// the other but for the turn to write.
type conn struct {
	srv    *Server
	number int // from 1, in the order in which they were asked for
	link   *link
	stream *stream
	sub    *subscriber

	// Set once, by the handshake, before the event writer starts, and under the server's lock, because sessions are listed.
	session string
	format  wire.Format
	who     *Identity
	since   time.Time
	writer  sync.WaitGroup // of events

	heldIn  []*wire.Frame // by a Reorder, for the reader
	heldOut []func()      // by a Reorder, for whoever's turn it is

	writeLock chan struct{} // one slot: whoever fills it writes
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
	early, _ := rw.Reader.Peek(rw.Reader.Buffered())
	c.stream = newStream(c, early)
	s.mu.Lock()
	s.conns[c] = struct{}{}
	if s.closed {
		c.drop()
	}
	s.mu.Unlock()

	err = errExited
	defer func() { c.end(err) }() // also if a handler ends this goroutine
	if err = c.upgrade(w, r); err == nil {
		err = errExited
		err = c.serve()
	}
}

// end ends what is left of a connection.
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

// enter counts a request in, unless the server is closed; serving is then done once.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.serving.Add(1)
	return true
}

// upgrade makes a WebSocket of the connection.
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

// hijacked gives an upgrader the connection that was hijacked before.
type hijacked struct {
	http.ResponseWriter
	link *link
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.link, bufio.NewReadWriter(bufio.NewReader(h.link), bufio.NewWriter(h.link)), nil
}

// serve handles frames, the first of which authenticates, until the connection ends.
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

// drop ends the connection without a word. It may be called by anyone, repeatedly.
func (c *conn) drop() {
	c.once.Do(func() {
		close(c.done)
		c.link.Close()
	})
}

// context is that of the methods served for this connection. It ends with the server, not with the connection,
// which nobody watches while a method is served.
func (c *conn) context(fr *wire.Frame) context.Context {
	return withCaller(c.srv.memory().ctx, caller{
		who: c.who, conn: c.number, session: c.session, request: fr.ID, strict: c.srv.cfg.strict,
	})
}
