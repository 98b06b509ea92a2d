package devserver

import (
	"errors"
	"net"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// stream is the WebSocket on a connection: messages in, messages out. One goroutine
// reads; writers take turns by the conn's lock.
type stream struct {
	net net.Conn
	in  *websock.Reader
	out []byte // messages not yet flushed
}

// readAhead is how many bytes are read ahead of the message that is handled.
const readAhead = 4 << 10

var errNotUTF8 = errors.New("text message is not UTF-8")

// newStream is the stream of a connection from which some bytes have been read already.
func newStream(c *conn, early []byte) *stream {
	o := websock.Options{Side: ws.StateServerSide, BufferSize: readAhead, Control: c.control}
	if c.srv.cfg.strict {
		o.MaxMessage = wire.MaxMessageBytes
	}
	s := &stream{net: c.link, in: websock.NewReader(c.link, o)}
	s.in.Preload(early)
	return s
}

// read returns the next message. A text message that is not UTF-8 is an error, as production
// servers have it: therefore msgpack has to come in binary messages.
func (s *stream) read() (op ws.OpCode, message []byte, err error) {
	op, message, err = s.in.Next()
	if err == nil && op == ws.OpText && !utf8.Valid(message) {
		err = errNotUTF8
	}
	if err != nil {
		return 0, nil, err
	}
	return op, message, nil
}

// append adds a message to those to be flushed.
func (s *stream) append(op ws.OpCode, message []byte) {
	s.out = websock.Append(s.out, ws.StateServerSide, op, message)
}

// flush writes what was appended.
func (s *stream) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	_, err := s.net.Write(s.out)
	if s.out = s.out[:0]; cap(s.out) > 1<<20 {
		s.out = nil // one large message is no reason to keep that much
	}
	return err
}
