package client

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// readPast is the size, as a multiple of the limit, up to which the reader skips a message that is
// too large. Its beginning shows which call or subscription it is for. A larger message ends the
// session.
const readPast = 4

// transport is the reading side of a session's connection. It tracks when bytes last arrived and
// whether a reply is being received. Only the session's reader uses it, except for its atomic
// fields.
type transport struct {
	conn       net.Conn
	messages   *websock.Reader
	maxMessage int

	// called for each WebSocket ping; it must not retain the payload
	onPing  func(payload []byte)
	isReply func(beginning []byte) bool // called for a message that needs more than one read
	onRead  func()                      // called before each read

	start    time.Time
	heard    atomic.Int64 // when bytes last arrived, in nanoseconds since start
	replying atomic.Bool  // a reply is being received or handled
}

func newTransport(conn net.Conn, maxMessage int) *transport {
	t := &transport{
		conn:       conn,
		maxMessage: maxMessage,
		isReply:    func([]byte) bool { return false },
		onRead:     func() {},
		start:      time.Now(),
	}
	t.messages = websock.NewReader(t, websock.Options{
		Side:       ws.StateClientSide,
		MaxMessage: int64(maxMessage),
		MaxDiscard: readPast * int64(maxMessage),
		InPlace:    true,
		Control:    t.control,
		Peek:       func(beginning []byte) { t.replying.Store(t.isReply(beginning)) },
		PeekBytes:  wire.HeadingBytes,
		PeekOver:   func() { t.replying.Store(false) },
	})
	return t
}

// Read reads from the connection and records when bytes arrive.
func (t *transport) Read(p []byte) (int, error) {
	t.onRead()
	n, err := t.conn.Read(p)
	if n > 0 {
		t.heard.Store(int64(time.Since(t.start)))
	}
	return n, err
}

// silence returns how long ago bytes last arrived.
func (t *transport) silence() time.Duration {
	return time.Since(t.start) - time.Duration(t.heard.Load())
}

// lastHeard is when something arrived last.
func (t *transport) lastHeard() time.Time {
	return t.start.Add(time.Duration(t.heard.Load()))
}

// next returns the next message, like [websock.Reader.Next]. Its errors are *ProtocolError,
// *CloseError, *LimitError and those of the connection. With a *LimitError it may return the
// beginning of a message that is too large; the next call skips the rest of it. See
// [websock.Reader.InPlace] for how long the message is valid.
func (t *transport) next() ([]byte, ws.OpCode, error) {
	op, msg, err := t.messages.Next()
	if err != nil {
		err = t.translate(err)
	}
	return msg, op, err
}

func (t *transport) translate(err error) error {
	if errors.Is(err, websock.ErrTooLarge) {
		return tooLarge(t.maxMessage)
	}
	if broken, ok := errors.AsType[*websock.ProtocolError](err); ok {
		return &ProtocolError{Reason: broken.Reason, Err: broken.Err}
	}
	return err
}

// control passes pings on and turns a close frame into an error.
func (t *transport) control(op ws.OpCode, payload []byte) error {
	switch op {
	case ws.OpPing:
		t.onPing(payload)
	case ws.OpClose:
		code, reason, err := websock.ParseClose(payload)
		if err != nil {
			return err
		}
		return &CloseError{Code: int(code), Reason: reason}
	default: // a pong needs no action
	}
	return nil
}

// appendMessage appends a WebSocket message that contains the frame. It encodes the frame in place.
func appendMessage(dst []byte, op ws.OpCode, format wire.Format, fr *wire.Frame, limit int) ([]byte, error) {
	start := len(dst)
	buf, err := format.Append(websock.Reserve(dst), fr)
	if err != nil {
		return dst, err
	}
	if len(websock.Payload(buf, start)) > limit {
		return dst, tooLarge(limit)
	}
	return websock.Seal(buf, start, ws.StateClientSide, op), nil
}

func appendControl(dst []byte, op ws.OpCode, payload []byte) []byte {
	return websock.Append(dst, ws.StateClientSide, op, payload)
}

func tooLarge(limit int) *LimitError {
	return &LimitError{Limit: "bytes a message", Field: "MessageBytes", Max: limit, kind: ErrTooLarge}
}
