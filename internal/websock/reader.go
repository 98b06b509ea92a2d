// Package websock reads and writes WebSocket messages (RFC 6455). It has no policy, starts no
// goroutine and does not close connections: it turns bytes into messages and messages into bytes.
package websock

import (
	"errors"
	"io"
	"math"

	"github.com/gobwas/ws"
)

// ErrTooLarge is returned for a message that has more bytes than [Options] allow.
var ErrTooLarge = errors.New("websocket message too large")

// ProtocolError is a violation of RFC 6455 by the peer.
type ProtocolError struct {
	Reason string
	Err    error // may be nil
}

func (e *ProtocolError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}

func (e *ProtocolError) Unwrap() error { return e.Err }

// Options configure a [Reader]. Apart from Side, zero values are defaults. Functions may be nil;
// they are called by Next, which waits for them.
type Options struct {
	// Side is the reader's own: ws.StateClientSide refuses masked frames, ws.StateServerSide
	// refuses frames without a mask.
	Side ws.State

	// BufferSize is how many bytes are read ahead at most. The default is 32 KiB.
	BufferSize int

	// MaxMessage limits the bytes of a message, all fragments together. The default is no limit.
	MaxMessage int64

	// MaxDiscard limits the bytes of a message above MaxMessage that is discarded, so that the one
	// after it can be read. A larger message ends the reading. The default is MaxMessage: none is
	// discarded.
	MaxDiscard int64

	// InPlace has messages that are short, or that are read ahead, returned as parts of the buffer,
	// which the next call of Next overwrites: see [Reader.InPlace]. Short is at most PeekBytes.
	InPlace bool

	// Control is called for each control frame. The payload is only valid during the call. An error
	// ends the reading, and Next returns it.
	Control func(op ws.OpCode, payload []byte) error

	// Peek is called at most once a message, with its beginning, if the message takes more than one
	// read or is discarded. PeekBytes is the length of a beginning, in bytes. A beginning is
	// shorter if the frame that exceeds MaxMessage ends before.
	Peek      func(beginning []byte)
	PeekBytes int

	// PeekOver is called when the message that Peek was called for has been read, or discarded, and
	// Next has been called for the one after it.
	PeekOver func()
}

// Reader reads the messages of one connection. It checks frames as RFC 6455 requires, except that
// text may be any bytes, and puts fragments together. It never allocates more than a constant times
// what has arrived. It is not safe for concurrent use.
type Reader struct {
	src      io.Reader
	o        Options
	buf      []byte
	pos, end int // buf[pos:end] has been read and not yet consumed
	state    ws.State
	control  [ws.MaxControlFramePayloadSize]byte

	// The message under way.
	opcode  ws.OpCode
	size    int64  // of its frames so far, the one that is being read included
	message []byte // what is kept of it
	peeked  bool
	inPlace bool // the latest one that was returned

	// The frame under way.
	masked bool
	mask   [4]byte
	offset int   // of the next byte of its payload, modulo 4 at least
	excess int64 // bytes that are still to be discarded
}

const readBuffer = 32 << 10

// NewReader returns a Reader of what src returns.
func NewReader(src io.Reader, o Options) *Reader {
	if o.BufferSize == 0 {
		o.BufferSize = readBuffer
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = math.MaxInt64
	}
	o.MaxDiscard = max(o.MaxDiscard, o.MaxMessage)
	return &Reader{src: src, o: o, state: o.Side, buf: make([]byte, max(o.BufferSize, ws.MaxHeaderSize))}
}

// Preload makes bytes that have been read from the connection already the first to be read. It has
// to be called before Next.
func (r *Reader) Preload(early []byte) {
	if len(early) > len(r.buf) {
		r.buf = make([]byte, len(early))
	}
	r.end = copy(r.buf, early)
}

// Next reads until a message is complete. The caller owns the message, unless [Reader.InPlace]
// says otherwise, and it is never nil without an error. Other errors than the source's are
// [*ProtocolError], those of Options.Control, and [ErrTooLarge]. With ErrTooLarge it may return a
// message that is not nil: the beginning of one that the next call discards, without taking memory
// for it. After any other error there is no next message.
func (r *Reader) Next() (op ws.OpCode, message []byte, err error) {
	for {
		if err := r.discard(); err != nil {
			return 0, nil, err
		}
		if !r.state.Fragmented() {
			r.begin()
		}
		h, err := r.header()
		switch {
		case err != nil:
		case h.OpCode.IsControl():
			err = r.handOver(h)
		default:
			var message []byte
			if message, err = r.data(h); message != nil {
				return r.opcode, message, err
			}
		}
		if err != nil {
			return 0, nil, err
		}
	}
}

// InPlace reports whether the message that Next returned last is a part of the buffer. The caller
// may read and change it until the next call of Next.
func (r *Reader) InPlace() bool { return r.inPlace }

// begin expects a new message. The one before has been handled.
func (r *Reader) begin() {
	r.size, r.inPlace = 0, false
	if r.peeked {
		r.peeked = false
		if r.o.PeekOver != nil {
			r.o.PeekOver()
		}
	}
}

// data reads a data frame. It returns the message if the frame is its last, and the beginning of
// the message, with ErrTooLarge, if the frame exceeds the limit.
func (r *Reader) data(h ws.Header) (message []byte, err error) {
	if h.Length > r.o.MaxDiscard-r.size {
		return nil, ErrTooLarge
	}
	if !r.state.Fragmented() {
		r.opcode = h.OpCode
	}
	if r.state = r.state.Set(ws.StateFragmented); h.Fin {
		r.state = r.state.Clear(ws.StateFragmented)
	}
	before := r.size
	r.size += h.Length
	switch {
	case before > r.o.MaxMessage:
		r.excess = h.Length
		return nil, nil
	case r.size > r.o.MaxMessage:
		return r.beginning(h.Length)
	}
	if r.o.InPlace && h.Fin && before == 0 && len(r.message) == 0 && h.Length <= int64(max(r.end-r.pos, min(r.o.PeekBytes, len(r.buf)))) {
		return r.payloadInPlace(int(h.Length))
	}
	if r.message, err = r.payload(r.message, h.Length); err != nil || !h.Fin {
		return nil, err
	}
	message, r.message = r.message, nil
	return message, nil
}

// handOver reads a control frame and calls Options.Control.
func (r *Reader) handOver(h ws.Header) error {
	payload := r.control[:h.Length]
	if err := r.read(payload); err != nil || r.o.Control == nil {
		return err
	}
	return r.o.Control(h.OpCode, payload)
}
