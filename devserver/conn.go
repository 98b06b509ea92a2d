package devserver

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// conn is a WebSocket connection. One goroutine reads its frames and handles them strictly
// one after another, replies included; another one writes its events. Neither waits for
// the other but for the turn to write.
type conn struct {
	srv    *Server
	number int // from 1, in the order of the upgrades
	stream *stream
	sub    *subscriber

	// Set once, by the handshake, before the event writer starts.
	session string
	format  Format
	who     *Identity

	turn chan struct{} // one slot: whoever fills it writes
	done chan struct{}
	once sync.Once
}

var errDropped = errors.New("connection dropped")

// serveSocket upgrades a request and serves the connection to its end.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		http.Error(w, ErrClosed.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.serving.Done()
	nc, rw, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		if nc != nil {
			nc.Close()
		}
		s.cfg.log.Debug("upgrade failed", "error", err)
		return
	}
	c := &conn{
		srv: s, stream: &stream{net: nc, r: rw.Reader}, sub: newSubscriber(&s.cfg), format: wire.FormatJSON,
		turn: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.mu.Lock()
	s.number++
	c.number = s.number
	s.conns[c] = struct{}{}
	if s.closed {
		c.drop()
	}
	s.mu.Unlock()
	err = c.serve()
	c.drop()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.cfg.log.Debug("connection ended", slog.Int("conn", c.number), slog.Any("cause", err))
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

// serve authenticates and then handles frames until the connection ends.
func (c *conn) serve() error {
	if err := c.handshake(); err != nil {
		return err
	}
	defer c.srv.broker.leave(c.sub)
	var writer sync.WaitGroup
	writer.Go(c.writeEvents)
	defer writer.Wait()
	defer c.drop()
	for {
		fr, err := c.receive()
		if err != nil {
			return err
		}
		if fr == nil {
			continue
		}
		if err := c.handle(fr); err != nil {
			return err
		}
	}
}

// drop ends the connection without a word. It may be called by anyone, repeatedly.
func (c *conn) drop() {
	c.once.Do(func() {
		close(c.done)
		c.stream.net.Close()
	})
}

// receive returns the next frame. One that does not decode is answered and
// reported as nil.
func (c *conn) receive() (*Frame, error) {
	op, message, err := c.stream.read(c.control)
	if err != nil {
		return nil, err
	}
	fr := new(Frame)
	if err := c.format.Decode(message, fr); err != nil {
		c.seen(Inbound, op, message, nil, err, false)
		return nil, c.send(c.refusal("", invalidFrame(err)))
	}
	c.seen(Inbound, op, message, fr, nil, false)
	return fr, nil
}

// control answers WebSocket pings and close frames.
func (c *conn) control(op ws.OpCode, payload []byte) error {
	switch op {
	case ws.OpPing:
		return c.writing(func() { c.stream.append(ws.OpPong, payload) })
	case ws.OpClose:
		_ = c.writing(func() { c.stream.append(ws.OpClose, payload) })
		return io.EOF
	}
	return nil
}

// writing flushes what f appends to the stream, when it is this goroutine's turn.
func (c *conn) writing(f func()) error {
	select {
	case c.turn <- struct{}{}:
	case <-c.done:
		return errDropped
	}
	defer func() { <-c.turn }()
	f()
	return c.stream.flush()
}

// send writes one frame.
func (c *conn) send(fr *Frame) error {
	var err error
	return errors.Join(c.writing(func() { err = c.append(fr) }), err)
}

// append adds a frame to what is flushed next. msgpack goes out in text messages
// too, since that is what production servers do.
func (c *conn) append(fr *Frame) error {
	raw, err := c.format.Append(nil, fr)
	if err != nil {
		return err
	}
	c.seen(Outbound, ws.OpText, raw, fr, nil, false)
	c.stream.append(ws.OpText, raw)
	return nil
}

// writeEvents writes queued events until the connection ends.
func (c *conn) writeEvents() {
	for {
		select {
		case <-c.sub.wake:
		case <-c.done:
			return
		}
		for events := c.sub.take(); len(events) > 0; {
			n := min(len(events), 64) // events flushed together
			err := c.writing(func() {
				for _, ev := range events[:n] {
					_ = c.append(c.srv.eventFrame(ev))
				}
			})
			c.sub.written(n)
			if err != nil {
				c.drop()
				return
			}
			events = events[n:]
		}
	}
}

func (s *Server) eventFrame(ev *event) *Frame {
	fr := s.newFrame(wire.TypeEvent)
	fr.Channel, fr.Data = ev.topic, ev.envelope
	return fr
}

// newFrame makes a frame with an id made of the time.
func (s *Server) newFrame(t wire.FrameType) *Frame {
	at := s.stamps.next()
	return &Frame{ID: at.Format("20060102150405.000000000"), Type: t, TS: at}
}

// handshake has the client authenticate, and negotiates the format. The first frame
// is JSON, and so is a refusal.
func (c *conn) handshake() error {
	op, message, err := c.stream.read(c.control)
	if err != nil {
		return err
	}
	fr := new(Frame)
	if err := c.format.Decode(message, fr); err != nil {
		c.seen(Inbound, op, message, nil, err, false)
		return errors.Join(err, c.send(c.refusal("", invalidFrame(err))))
	}
	c.seen(Inbound, op, message, fr, nil, false)
	who, format, err := c.srv.authenticate(fr)
	if err != nil {
		return errors.Join(err, c.send(c.refusal(fr.ID, err)))
	}
	c.who, c.format = who, format
	c.session = "ws_" + strconv.FormatInt(c.srv.stamps.next().UnixNano(), 10)
	c.srv.broker.join(c.sub)
	reply, err := c.srv.response(fr.ID, &wire.AuthResult{Format: format, SessionID: c.session})
	if err != nil {
		return err
	}
	return c.send(reply)
}

// context is that of the methods served for this connection. It ends with the server, not with the connection,
// which nobody watches while a method is served.
func (c *conn) context(fr *Frame) context.Context {
	return withCaller(c.srv.memory().ctx, caller{who: c.who, conn: c.number, session: c.session, request: fr.ID})
}
