package client

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

const (
	readBuffer = 32 << 10
	// eagerPayload is how much is allocated for a payload on the word of its header; more only as it arrives.
	eagerPayload = 64 << 10
)

// transport reads the messages of a WebSocket connection as a client has to: strictly, fragments put together,
// never more memory than a constant times what has arrived. Only the session's reader uses it.
type transport struct {
	conn       net.Conn
	maxMessage int
	buf        []byte
	pos, end   int // buf[pos:end] has been read and not yet consumed
	state      ws.State
	fragments  []byte
	opcode     ws.OpCode // of the message that fragments belong to

	onPing func(payload []byte) // called for each WebSocket ping; payload is only good during the call

	start time.Time
	heard atomic.Int64 // when bytes last arrived, in nanoseconds after start
}

func newTransport(conn net.Conn, maxMessage int) *transport {
	return &transport{
		conn:       conn,
		maxMessage: maxMessage,
		buf:        make([]byte, readBuffer),
		state:      ws.StateClientSide,
		start:      time.Now(),
	}
}

// preload makes bytes that have been read already the first to be read.
func (t *transport) preload(early []byte) {
	if len(early) > len(t.buf) {
		t.buf = make([]byte, len(early))
	}
	t.end = copy(t.buf, early)
}

// silence is how long nothing has arrived.
func (t *transport) silence() time.Duration {
	return time.Since(t.start) - time.Duration(t.heard.Load())
}

// next returns the next message, which is the caller's to keep. Its errors are *ProtocolError,
// *CloseError, *LimitError and those of the connection.
func (t *transport) next() ([]byte, ws.OpCode, error) {
	for {
		h, err := t.header()
		if err != nil {
			return nil, 0, err
		}
		if h.OpCode.IsControl() {
			if err := t.control(h); err != nil {
				return nil, 0, err
			}
			continue
		}
		if h.Length > int64(t.maxMessage-len(t.fragments)) {
			return nil, 0, tooLarge(t.maxMessage)
		}
		first := !t.state.Fragmented()
		if first {
			t.opcode = h.OpCode
		}
		if first && h.Fin {
			msg, err := t.payload(nil, int(h.Length))
			return msg, h.OpCode, err
		}
		if t.fragments, err = t.payload(t.fragments, int(h.Length)); err != nil {
			return nil, 0, err
		}
		if h.Fin {
			msg := t.fragments
			t.fragments, t.state = nil, t.state.Clear(ws.StateFragmented)
			return msg, t.opcode, nil
		}
		t.state = t.state.Set(ws.StateFragmented)
	}
}

// header reads and checks a frame's header.
func (t *transport) header() (h ws.Header, err error) {
	if err := t.fill(2); err != nil {
		return h, err
	}
	b0, b1 := t.buf[t.pos], t.buf[t.pos+1]
	h.Fin, h.Rsv, h.OpCode = b0&0x80 != 0, b0>>4&0x7, ws.OpCode(b0&0xf)
	h.Masked, h.Length = b1&0x80 != 0, int64(b1&0x7f)
	if err := ws.CheckHeader(h, t.state); err != nil {
		return h, &ProtocolError{Reason: "bad WebSocket frame", Err: err}
	}
	size := 2
	switch h.Length {
	case 126:
		size = 4
	case 127:
		size = 10
	}
	if err := t.fill(size); err != nil {
		return h, err
	}
	extended := t.buf[t.pos+2 : t.pos+size]
	t.pos += size
	switch size {
	case 4:
		h.Length = int64(binary.BigEndian.Uint16(extended))
	case 10:
		n := binary.BigEndian.Uint64(extended)
		if n>>63 != 0 {
			return h, &ProtocolError{Reason: "bad WebSocket frame: negative length"}
		}
		h.Length = int64(n)
	}
	return h, nil
}

func (t *transport) control(h ws.Header) error {
	payload, err := t.payload(nil, int(h.Length))
	if err != nil {
		return err
	}
	switch h.OpCode {
	case ws.OpPing:
		t.onPing(payload)
	case ws.OpClose:
		return closeError(payload)
	}
	return nil
}

func closeError(payload []byte) error {
	if len(payload) == 0 {
		return &CloseError{Code: int(ws.StatusNoStatusRcvd)}
	}
	code, reason := ws.ParseCloseFrameData(payload)
	switch {
	case len(payload) == 1, code < 1000, code.IsProtocolReserved(), code >= 5000:
		return &ProtocolError{Reason: fmt.Sprintf("bad WebSocket close frame: % x", payload[:min(2, len(payload))])}
	case !utf8.ValidString(reason):
		return &ProtocolError{Reason: "bad WebSocket close frame", Err: ws.ErrProtocolInvalidUTF8}
	}
	return &CloseError{Code: int(code), Reason: reason}
}

// payload appends the next n bytes to dst.
func (t *transport) payload(dst []byte, n int) ([]byte, error) {
	for n > 0 {
		if room := cap(dst) - len(dst); room < n {
			// Double what has arrived rather than believe the header.
			grown := make([]byte, len(dst), len(dst)+min(n, max(eagerPayload, len(dst))))
			copy(grown, dst)
			dst = grown
		}
		part := dst[len(dst):min(len(dst)+n, cap(dst))]
		if err := t.readFull(part); err != nil {
			return nil, err
		}
		dst = dst[:len(dst)+len(part)]
		n -= len(part)
	}
	if dst == nil {
		dst = []byte{}
	}
	return dst, nil
}

// readFull takes what is buffered and reads the rest past the buffer.
func (t *transport) readFull(dst []byte) error {
	n := copy(dst, t.buf[t.pos:t.end])
	t.pos += n
	for n < len(dst) {
		if len(dst)-n < len(t.buf)/2 {
			if err := t.fill(1); err != nil {
				return err
			}
			m := copy(dst[n:], t.buf[t.pos:t.end])
			t.pos += m
			n += m
			continue
		}
		m, err := t.conn.Read(dst[n:])
		t.note(m)
		n += m
		if err != nil && n < len(dst) {
			return err
		}
	}
	return nil
}

// fill reads until n bytes are buffered; n is at most a header's size.
func (t *transport) fill(n int) error {
	if t.end-t.pos >= n {
		return nil
	}
	if t.pos == t.end {
		t.pos, t.end = 0, 0
	} else if len(t.buf)-t.pos < n {
		t.end = copy(t.buf, t.buf[t.pos:t.end])
		t.pos = 0
	}
	for idle := 0; t.end-t.pos < n; {
		m, err := t.conn.Read(t.buf[t.end:])
		t.note(m)
		t.end += m
		if err != nil && t.end-t.pos < n {
			return err
		}
		if m > 0 {
			idle = 0
		} else if idle++; idle > 100 {
			return io.ErrNoProgress
		}
	}
	return nil
}

func (t *transport) note(n int) {
	if n > 0 {
		t.heard.Store(int64(time.Since(t.start)))
	}
}

func tooLarge(limit int) *LimitError {
	return &LimitError{Limit: "bytes a message", Option: "WithMaxMessage", Max: limit, kind: ErrTooLarge}
}
