package client

import (
	"net"
	"sync"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

const (
	// writeChunk is how much may be written under one deadline.
	writeChunk = 256 << 10
	// keptBuffer is the largest buffer that is kept for the next batch.
	keptBuffer = 1 << 20
	// headerRoom is the size of the longest header of a masked frame.
	headerRoom = 14
)

// outbox gathers the frames of a session's callers, and a single writer, the session's, flushes them in batches.
//
// Frames are numbered from 1 in the order in which they were put. A frame is *written* from the moment when the flush
// that holds it begins; until then it can be taken back. After a failed flush, frames that lie
// wholly beyond what was written count as unwritten again.
type outbox struct {
	format wire.Format
	max    int           // bytes a message
	wake   chan struct{} // holds one token when there may be something to write

	mu      sync.Mutex
	buf     []byte
	spans   []span // of the frames in buf; the number of the first is begun
	voids   int    // how many of them have been taken back
	begun   uint64 // frames with a lower number are written
	pong    []byte // the latest control frame to be answered with, replacing the one before
	failed  bool
	lost    uint64 // after a failed flush: frames from this number on are unwritten after all
	closed  bool
	leaving bool // say goodbye and end
	id      []byte

	// The writer's own.
	batch, spare []byte
	batchSpans   []span
	batchFirst   uint64
}

// span is where a frame lies: from the end of the one before.
type span struct {
	end  int
	void bool
}

func newOutbox(format wire.Format, maxMessage int) *outbox {
	return &outbox{format: format, max: maxMessage, wake: make(chan struct{}, 1), begun: 1}
}

// put encodes a frame, appends it and stores its number, before anybody can see the frame. It fails, with
// nothing appended, if the frame is too large or does not encode, or with errOver if the outbox is closed.
func (o *outbox) put(fr *wire.Frame, ids *wire.IDs, id uint64, number *uint64) error {
	if len(fr.Data) > o.max {
		return tooLarge(o.max)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.leaving {
		return errOver
	}
	o.id = ids.Append(o.id[:0], id)
	fr.ID = string(o.id)
	buf, err := appendMessage(o.buf, o.opcode(), o.format, fr, o.max)
	if err != nil {
		return err
	}
	*number = o.begun + uint64(len(o.spans))
	o.buf = buf
	o.spans = append(o.spans, span{end: len(buf)})
	o.signal()
	return nil
}

// answer puts a control frame that needs no number, in place of the one that waits already.
func (o *outbox) answer(op ws.OpCode, payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pong = appendControl(o.pong[:0], op, payload)
	o.signal()
}

// answerFrame is answer for a DWP frame.
func (o *outbox) answerFrame(fr *wire.Frame, ids *wire.IDs) error {
	fr.ID = string(ids.Append(nil, ids.Next()))
	payload, err := o.format.Append(nil, fr)
	if err != nil {
		return err
	}
	if len(payload) <= o.max {
		o.answer(o.opcode(), payload)
	}
	return nil
}

func (o *outbox) opcode() ws.OpCode {
	if o.format == wire.FormatMsgpack {
		return ws.OpBinary
	}
	return ws.OpText
}

// takeBack withdraws a frame and reports whether it was in time: whether the frame is unwritten.
func (o *outbox) takeBack(n uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n < o.begun {
		return !o.isWritten(n)
	}
	if i := n - o.begun; i < uint64(len(o.spans)) && !o.spans[i].void {
		o.spans[i].void = true
		o.voids++
	}
	return true
}

// written reports whether a frame is written; its number is where put stores it, 0 until then. The answer
// is final once the writer has ended.
func (o *outbox) written(number *uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *number != 0 && o.isWritten(*number)
}

func (o *outbox) isWritten(n uint64) bool { return n < o.begun && (!o.failed || n < o.lost) }

// close refuses further frames.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// leave refuses further frames and tells the writer to end with a close frame, all within the timeout.
func (o *outbox) leave(conn net.Conn, timeout time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leaving = true
	conn.SetWriteDeadline(time.Now().Add(timeout))
	o.signal()
}

// allow sets the deadline of the next chunk, unless that of leave counts already. The chunk is to be followed by
// done.
func (o *outbox) allow(conn net.Conn, timeout time.Duration) (done func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.leaving || conn.SetWriteDeadline(time.Now().Add(timeout)) == nil {
		return func() {}
	}
	// A user's connection that has no deadlines.
	expiry := time.AfterFunc(timeout, func() { conn.Close() })
	return func() { expiry.Stop() }
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
