package client

import (
	"bytes"
	"encoding/binary"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

const (
	// tapFrames and tapBytes are how many frames, and bytes of them, wait for the tap at most. An
	// empty queue takes a frame that is larger.
	tapFrames = 4096
	tapBytes  = 16 << 20
)

// WithFrameTap calls tap with each frame that the client receives and sends, also while it
// authenticates and on lanes. Tap is called in order, on a goroutine of its own, which no session
// waits for: at most 4,096 frames and 16 MiB wait for it, and the number of those that did not fit
// is the next frame's Missed. A frame that is sent comes before the answer to it. Only whole frames
// of the protocol are shown: no HTTP, and no control frames of WebSocket.
//
// [Client.Close] waits until tap has had what waits for it, within its limit of 5 s; so do not call
// Close in tap. A panic in tap ends the program, as in any goroutine. Default, and nil: no tap,
// which costs nothing.
func WithFrameTap(tap func(Frame)) Option {
	return func(c *config) {
		c.tap = nil
		if tap != nil {
			c.tap = &tapQueue{tap: tap}
		}
	}
}

// tapQueue holds frames for the tap. Its goroutine lives as long as frames wait.
type tapQueue struct {
	tap func(Frame)

	mu     sync.Mutex
	frames []tapped // from first on
	first  int
	bytes  int
	missed uint64
	idle   chan struct{} // closed when the goroutine ends; nil if there is none
}

// tapped is a frame that waits for the tap. It is redacted and decoded on the tap's goroutine.
type tapped struct {
	frame   Frame // without what the payload says
	s       *session
	mask    [4]byte // of a payload that was sent
	heading wire.Heading
}

// put queues a frame with a copy of its payload, or counts it as missed. It does not wait.
func (q *tapQueue) put(t tapped, payload []byte) {
	t.frame.Time = time.Now()
	t.frame.Session, t.frame.Lane = t.s.number, t.s.lane
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.frames) - q.first; n >= tapFrames || n > 0 && q.bytes+len(payload) > tapBytes {
		q.missed++
		return
	}
	t.frame.Payload = bytes.Clone(payload)
	t.frame.Missed, q.missed = q.missed, 0
	q.frames = append(q.frames, t)
	q.bytes += len(payload)
	if q.idle == nil {
		q.idle = make(chan struct{})
		go q.run()
	}
}

// run calls the tap until no frame waits.
func (q *tapQueue) run() {
	ended := false
	defer func() {
		if !ended { // the tap has ended the goroutine
			go q.run()
		}
	}()
	for {
		t, ok := q.take()
		if !ok {
			break
		}
		q.tap(t.show())
	}
	ended = true
}

// take removes and returns the next frame. Without one, the goroutine has to end.
func (q *tapQueue) take() (t tapped, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first == len(q.frames) {
		q.frames, q.first = nil, 0
		close(q.idle)
		q.idle = nil
		return t, false
	}
	t = q.frames[q.first]
	q.frames[q.first] = tapped{}
	q.first++
	q.bytes -= len(t.frame.Payload)
	if q.first == tapFrames {
		q.frames, q.first = append(make([]tapped, 0, tapFrames), q.frames[q.first:]...), 0
	}
	return t, true
}

// settled is closed when no frame waits for the tap.
func (q *tapQueue) settled() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.idle != nil {
		return q.idle
	}
	none := make(chan struct{})
	close(none)
	return none
}

// show makes the frame that the tap sees.
func (t *tapped) show() Frame {
	f := t.frame
	hidden := &t.s.hidden
	if f.Truncated {
		f.Type, f.CorrelID, f.Channel = string(t.heading.Type), hidden.text(t.heading.CorrelID), hidden.text(t.heading.Channel)
		return f
	}
	if f.Direction == FrameSent {
		ws.Cipher(f.Payload, t.mask, 0)
	}
	f.Payload = hidden.message(wire.Format(f.Format), f.Payload)
	f.decode()
	return f
}

// tapAuth shows the tap the request to authenticate. It is encoded anew with a mark in the place of
// the token, because a token that is not UTF-8 is not found in the message.
func (s *session) tapAuth(fr wire.Frame) {
	mark := s.hidden.mark
	data, err := (&wire.AuthRequest{Token: mark, Format: s.cfg.format}).AppendJSON(nil)
	if err != nil {
		return
	}
	fr.Token, fr.Data = mark, data
	message, err := appendMessage(nil, ws.OpText, wire.FormatJSON, &fr, s.cfg.limits.MessageBytes)
	if err == nil {
		s.tapSent(message, 0, len(message))
	}
}

// tapReceived shows the tap a message, or only that there was one which is too large.
func (s *session) tapReceived(format wire.Format, op ws.OpCode, message []byte, tooLarge bool) {
	t := tapped{s: s, frame: Frame{Direction: FrameReceived, Format: string(format), Binary: op == ws.OpBinary, Truncated: tooLarge}}
	if tooLarge {
		t.heading, message = format.Heading(message), nil
	}
	s.cfg.tap.put(t, message)
}

// tapSent shows the tap the messages of a batch which end before a place in it, from another one
// on. It returns where the next message begins. It skips control frames.
func (s *session) tapSent(batch []byte, from, end int) int {
	for {
		op, mask, start, size := messageAt(batch[from:])
		if size == 0 || from+size > end {
			return from
		}
		if op == ws.OpText || op == ws.OpBinary {
			f := Frame{Direction: FrameSent, Format: string(s.out.format), Binary: op == ws.OpBinary}
			s.cfg.tap.put(tapped{s: s, frame: f, mask: mask}, batch[from+start:from+size])
		}
		from += size
	}
}

// messageAt reads the header of a whole message of the client's. The payload is from start to size,
// masked. The size is 0 if there is none.
func messageAt(b []byte) (op ws.OpCode, mask [4]byte, start, size int) {
	if len(b) == 0 {
		return 0, mask, 0, 0
	}
	n := int(b[1] & 0x7f)
	start = 2
	switch n {
	case 126:
		n, start = int(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		n, start = int(binary.BigEndian.Uint64(b[2:])), 10
	}
	copy(mask[:], b[start:])
	start += len(mask)
	return ws.OpCode(b[0] & 0x0f), mask, start, start + n
}
