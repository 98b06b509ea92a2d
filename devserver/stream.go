package devserver

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// stream is the WebSocket on a connection: messages in, messages out. One goroutine
// reads; writers take turns by the conn's lock.
type stream struct {
	net net.Conn
	r   *bufio.Reader
	out bytes.Buffer // messages not yet flushed

	limit int64 // bytes of a message that is read, 0 for none
}

var (
	errNotUTF8  = errors.New("text message is not UTF-8")
	errProtocol = errors.New("websocket protocol error")
)

// control is a control frame that the reader came across.
type control func(op ws.OpCode, payload []byte) error

// read returns the next message, put together from its fragments. A text message
// that is not UTF-8 is an error, as production servers have it: therefore msgpack has to come in
// binary messages.
func (s *stream) read(onControl control) (op ws.OpCode, message []byte, err error) {
	for {
		h, err := ws.ReadHeader(s.r)
		if err != nil {
			return 0, nil, err
		}
		switch {
		case !h.Masked || h.Rsv != 0 || h.OpCode.IsReserved():
			return 0, nil, errProtocol
		case h.OpCode.IsControl() && (!h.Fin || h.Length > ws.MaxControlFramePayloadSize):
			return 0, nil, errProtocol
		case !h.OpCode.IsControl() && (h.OpCode == ws.OpContinuation) != (op != 0):
			return 0, nil, errProtocol
		case s.limit > 0 && h.Length > s.limit-int64(len(message)):
			return 0, nil, wire.ErrTooLarge
		}
		payload, err := s.payload(h)
		if err != nil {
			return 0, nil, err
		}
		if h.OpCode.IsControl() {
			if err := onControl(h.OpCode, payload); err != nil {
				return 0, nil, err
			}
			continue
		}
		if op == 0 {
			op, message = h.OpCode, payload
		} else {
			message = append(message, payload...)
		}
		if !h.Fin {
			continue
		}
		if op == ws.OpText && !utf8.Valid(message) {
			return 0, nil, errNotUTF8
		}
		return op, message, nil
	}
}

// payload reads and unmasks a frame's payload. Memory is taken as the bytes come.
func (s *stream) payload(h ws.Header) ([]byte, error) {
	const chunk = 64 << 10 // bytes
	payload := make([]byte, 0, min(h.Length, chunk))
	for int64(len(payload)) < h.Length {
		start := len(payload)
		n := min(h.Length-int64(start), max(chunk, int64(start)))
		payload = append(payload, make([]byte, n)...)
		if _, err := io.ReadFull(s.r, payload[start:]); err != nil {
			return nil, err
		}
	}
	ws.Cipher(payload, h.Mask, 0)
	return payload, nil
}

// append adds a message to those to be flushed.
func (s *stream) append(op ws.OpCode, message []byte) {
	_ = ws.WriteFrame(&s.out, ws.NewFrame(op, true, message)) // a buffer takes everything
}

// flush writes what was appended.
func (s *stream) flush() error {
	if s.out.Len() == 0 {
		return nil
	}
	_, err := s.net.Write(s.out.Bytes())
	s.out.Reset()
	if s.out.Cap() > 1<<20 {
		s.out = bytes.Buffer{} // one large message is no reason to keep that much
	}
	return err
}
