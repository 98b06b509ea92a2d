package devserver

import (
	"errors"
	"net"
	"unicode/utf8"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// stream is the WebSocket on a connection. One goroutine reads; writers hold the conn's write lock.
type stream struct {
	net net.Conn
	in  *websock.Reader
	out []byte // messages not yet flushed
}

// readAhead is how many bytes are read ahead of the message that is handled.
const readAhead = 4 << 10

var errNotUTF8 = errors.New("text message is not UTF-8")

// newStream returns the stream of a connection from which the bytes of early were read already.
func newStream(c *conn, early []byte) *stream {
	o := websock.Options{Side: ws.StateServerSide, BufferSize: readAhead, Control: c.control}
	if c.srv.cfg.strict {
		o.MaxMessage = wire.MaxMessageBytes
	}
	s := &stream{net: c.link, in: websock.NewReader(c.link, o)}
	s.in.Preload(early)
	return s
}

// read returns the next message. A text message that is not UTF-8 is an error, as in production, so
// a client must send msgpack in binary messages.
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

// append appends a message to the output that the next flush writes.
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
		s.out = nil // do not keep the memory of a large message
	}
	return err
}
