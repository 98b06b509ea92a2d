package client

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

const (
	// closeFrameTimeout bounds the close frame of a session that ends in order.
	closeFrameTimeout = time.Second
	// endTimeout is how long the connection of a dead session may take to let go of the goroutines
	// in its methods.
	endTimeout = time.Second
)

// errOver is the error of a request to a session that has ended. The session has the cause.
var errOver = errors.New("dispatch: session over")

// session is one authenticated connection. It does not change after the handshake. It has two
// goroutines, a reader (run) and a writer (write), and ends once, with a cause: dead is closed
// first, then the socket.
type session struct {
	cfg      *config
	log      *slog.Logger
	number   uint64 // counts the client's sessions
	lane     bool
	endpoint *endpoint // where it is
	expires  time.Time // when its token does; zero for never
	conn     net.Conn  // with TLS, if there is any
	socket   net.Conn  // without TLS: closing it does not block
	format   wire.Format
	hidden   secrets // redacted in errors and logs
	ids      *wire.IDs
	in       *transport
	out      *outbox
	calls    pending
	counters *counters // of the client
	events   eventSink // nil for lanes

	busy     atomic.Bool   // a lane whose call is under way
	message  int           // the reader's: how much what is kept of the present one keeps alive
	inbox    inbox         // the reader's
	ledger   ledger        // the reader's
	probe    probe         // the writer's
	wrote    time.Duration // the writer's: when it last wrote, by the session's clock
	answered atomic.Int64  // when the latest reply or pong came, as transport.heard

	dying      sync.Once
	cause      error                 // set before dead is closed
	closeCause atomic.Pointer[error] // the cause of an orderly end, once closeGracefully was called
	dead       chan struct{}         // closed when the session has ended
	done       chan struct{}         // closed when everything in flight is completed

	helpers sync.WaitGroup // goroutines besides the reader
	// ended gets a token from each of the reader, the writer and the closing of the socket.
	ended chan struct{}

	ready atomic.Bool // calls have been let through
}

// eventSink receives a session's events from its reader. Its methods do not wait.
type eventSink interface {
	// dispatch takes events that came at this time.
	dispatch(arrived []arrival, at time.Time)
	// missed reports that an event of this channel, or of an unknown one (empty), was too large.
	missed(channel string, at time.Time)
	creditsSpent(at time.Time)
	creditsBack(at time.Time)
}

// newSession makes a session for a connection, before the handshake.
func newSession(cfg *config, number uint64, lane bool, conn, socket net.Conn, v *counters) *session {
	ids := wire.NewIDs()
	s := &session{
		cfg:      cfg,
		log:      cfg.logger,
		number:   number,
		lane:     lane,
		conn:     conn,
		socket:   socket,
		ids:      ids,
		in:       newTransport(conn, cfg.limits.MessageBytes),
		out:      newOutbox(ids, cfg.limits.MessageBytes, cfg.limits.PendingBytes),
		calls:    pending{max: cfg.limits.InFlightCalls, waiting: make(map[uint64]*exchange)},
		counters: v,
		dead:     make(chan struct{}),
		done:     make(chan struct{}),
		ended:    make(chan struct{}, 3),
	}
	s.in.onPing = func(payload []byte) { s.out.answer(ws.OpPong, payload) }
	s.in.onRead = s.beforeRead
	if cfg.tap != nil {
		s.out.tap = s.tapSent
	}
	s.in.isReply = func(beginning []byte) bool {
		_, ours := s.ids.Parse(s.format.Heading(beginning).CorrelID)
		return ours
	}
	return s
}

// run is the reader. It starts the writer, and returns when everything in flight has been settled
// and no goroutine of the session is left.
func (s *session) run() {
	s.start(s.write)
	s.fail(s.read())
	s.ended <- struct{}{}
	<-s.done
	s.helpers.Wait()
}

// start runs a function on a goroutine of the session, and reports its end to finish.
func (s *session) start(f func()) {
	s.helpers.Go(func() {
		f()
		s.ended <- struct{}{}
	})
}

// finish completes everything in flight once the session has ended and its connection is no longer
// read, written or closed. A user's connection may block these. After endTimeout, finish goes on,
// and what is being written counts as written.
func (s *session) finish() {
	s.start(func() { _ = s.socket.Close() })
	patience := time.NewTimer(endTimeout)
	defer patience.Stop()
	for range cap(s.ended) {
		select {
		case <-s.ended:
			continue
		case <-patience.C:
		}
		break
	}
	s.settleCalls()
}

func (s *session) settleCalls() {
	s.out.close()
	open, stale := s.calls.takeAll()
	strikes := s.strikes(open, stale)
	for _, x := range open {
		x.complete(reply{cause: s.cause, written: s.out.written(x.number.Load()), strikes: strikes})
	}
	close(s.done)
}

// fail ends the session, once. The cause is that of the first call, or that of closeGracefully.
func (s *session) fail(cause error) {
	s.dying.Do(func() {
		if closing := s.closeCause.Load(); closing != nil {
			cause = *closing
		}
		s.cause = cause
		close(s.dead)
		s.helpers.Go(s.finish)
	})
}

// closeGracefully ends the session in order. Further frames are refused, and a close frame is
// written if the peer takes it within a second.
func (s *session) closeGracefully(cause error) {
	if s.closeCause.CompareAndSwap(nil, &cause) {
		s.out.leave()
		// if a write is under way, or does not end
		time.AfterFunc(closeFrameTimeout, func() { s.fail(cause) })
	}
}

func (s *session) isDead() bool {
	select {
	case <-s.dead:
		return true
	default:
		return false
	}
}

// read is the reader: it takes messages until one cannot be taken.
func (s *session) read() error {
	decoder := wire.NewDecoder(s.format, s.cfg.limits.Depth)
	defer s.handOver()
	var fr wire.View
	for {
		msg, op, err := s.in.next()
		if err != nil && msg == nil {
			s.handOver()
			return s.readError(err)
		}
		select {
		case <-s.done:
			return net.ErrClosed // the connection let go of the reader too late
		default:
		}
		if s.cfg.tap != nil {
			s.tapReceived(s.format, op, msg, err != nil)
		}
		if op == ws.OpBinary && s.format == wire.FormatJSON {
			return &ProtocolError{Reason: "binary message in a JSON session"}
		}
		if err != nil {
			if err := s.tooLarge(s.format.Heading(msg), err); err != nil {
				return err
			}
			continue
		}
		if err := decoder.Decode(msg, &fr); err != nil {
			return s.undecodable(err)
		}
		if s.message = cap(msg); s.in.messages.InPlace() {
			s.message = lent
		}
		if err := s.handle(&fr); err != nil {
			return err
		}
	}
}

func (s *session) undecodable(err error) error {
	if errors.Is(err, wire.ErrTooDeep) {
		return &LimitError{Limit: "levels of nesting", Field: "Depth", Max: s.cfg.limits.Depth, kind: ErrTooDeep}
	}
	// which quotes names
	return &ProtocolError{Reason: "undecodable frame", Err: s.hidden.error(err)}
}

// write is the writer: it flushes what callers put, and keeps the session alive.
func (s *session) write() {
	timer := time.NewTimer(s.cfg.pingAfter)
	defer timer.Stop()
	for {
		select {
		case <-s.dead:
			return
		case <-timer.C:
			timer.Reset(s.keepAlive())
			continue
		case <-s.out.wake:
			runtime.Gosched() // callers that are about to put a frame do so, and share the flush
		}
		some, leaving := s.out.begin()
		switch {
		case leaving:
			allowed := allow(s.conn, closeFrameTimeout)
			_, _ = s.conn.Write(appendControl(nil, ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, "")))
			allowed()
			s.fail(net.ErrClosed) // which gives way to the cause of closeGracefully
			return
		case some:
			if err := s.out.flush(s.conn, s.cfg.writeTimeout); err != nil {
				s.fail(s.classify(err))
				return
			}
			s.flushed()
		}
	}
}

// readError returns the cause of the session's end for an error of reading. It answers a close
// frame.
func (s *session) readError(err error) error {
	if closed, ok := errors.AsType[*CloseError](err); ok {
		closed.wasReady = s.ready.Load()
		err = s.classify(err)
		s.closeGracefully(err) // which answers the close frame
		<-s.dead
		return err
	}
	return s.classify(err)
}

// classify distinguishes a fault of the peer from one of the connection, and redacts it.
func (s *session) classify(err error) error {
	switch e := err.(type) { //nolint:errorlint // one that is wrapped keeps the text around it
	case *CloseError:
		e.Reason = s.hidden.text(e.Reason)
		return e
	case *ProtocolError, *LimitError:
		return err
	}
	return fmt.Errorf("dispatch: connection lost: %w", s.hidden.error(err))
}
