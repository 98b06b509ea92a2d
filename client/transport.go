package client

import (
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

const (
	readBuffer = 32 << 10
	// eagerPayload is how much is allocated for a payload on the word of its header; more only as it arrives.
	eagerPayload = 64 << 10
)

// transport reads the messages of a WebSocket connection as a client has to: strictly, fragments put together,
// never more memory than a constant times what has arrived. Only the session's reader uses it, but for what is atomic.
type transport struct {
	conn       net.Conn
	maxMessage int
	buf        []byte
	pos, end   int // buf[pos:end] has been read and not yet consumed
	state      ws.State

	// The message under way.
	opcode    ws.OpCode
	size      int64  // of its frames so far, the one that is being read included
	fragments []byte // of that, what is kept
	excess    int64  // what is still to be read past of its latest frame
	peeked    bool   // isReply has been asked

	onPing  func(payload []byte)        // called for each WebSocket ping; payload is only good during the call
	isReply func(beginning []byte) bool // whether a message that begins so is one; asked when it takes more than one read

	start    time.Time
	heard    atomic.Int64 // when bytes last arrived, in nanoseconds after start
	replying atomic.Bool  // a reply is coming in, or has come and is being handled
}

func newTransport(conn net.Conn, maxMessage int) *transport {
	return &transport{
		conn:       conn,
		maxMessage: maxMessage,
		buf:        make([]byte, readBuffer),
		state:      ws.StateClientSide,
		isReply:    func([]byte) bool { return false },
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
// *CloseError, *LimitError and those of the connection. With a *LimitError it may return the beginning of a message
// that is too large: the next call reads past the rest of it, without taking memory for it. After any other error
// there is no next message.
func (t *transport) next() ([]byte, ws.OpCode, error) {
	for {
		if err := t.discard(); err != nil {
			return nil, 0, err
		}
		if !t.state.Fragmented() {
			t.begin()
		}
		h, err := t.header()
		switch {
		case err != nil:
		case h.OpCode.IsControl():
			err = t.control(h)
		default:
			var msg []byte
			if msg, err = t.data(h); msg != nil {
				return msg, t.opcode, err
			}
		}
		if err != nil {
			return nil, 0, err
		}
	}
}

// begin expects a new message. The one before has been handled.
func (t *transport) begin() {
	t.size = 0
	if t.peeked {
		t.peeked = false
		t.replying.Store(false)
	}
}

// data reads a data frame. It returns the message if it is the last one, and the message's beginning with
// an error if it makes that too large.
func (t *transport) data(h ws.Header) (msg []byte, err error) {
	limit := int64(t.maxMessage)
	if h.Length > readPast*limit-t.size {
		return nil, tooLarge(t.maxMessage)
	}
	if !t.state.Fragmented() {
		t.opcode = h.OpCode
	}
	if t.state = t.state.Set(ws.StateFragmented); h.Fin {
		t.state = t.state.Clear(ws.StateFragmented)
	}
	before := t.size
	t.size += h.Length
	switch {
	case before > limit:
		t.excess = h.Length
		return nil, nil
	case t.size > limit:
		return t.beginning(h.Length)
	}
	if t.fragments, err = t.payload(t.fragments, int(h.Length)); err != nil || !h.Fin {
		return nil, err
	}
	msg, t.fragments = t.fragments, nil
	return msg, nil
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
		if !t.peeked && n > t.end-t.pos {
			// The rest may take long. What there is of a beginning says what is worth waiting for.
			if missing := wire.HeadingBytes - len(dst); missing > 0 {
				part = part[:min(missing, len(part))]
			} else {
				t.peek(dst[:wire.HeadingBytes])
			}
		}
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
