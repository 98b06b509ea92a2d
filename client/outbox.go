package client

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

const (
	// leastOwn is how many bytes of its own a session may have in its outbox even if its callers
	// may have fewer.
	leastOwn = 1 << 20
	// frameRoom is an upper bound of a request's size without its method and data.
	frameRoom = 256
	// largeFrame is from how many bytes on a caller's frame is large, and mostLarge how many bytes
	// of large frames an outbox takes, or else one that is larger: further ones wait, so that no
	// more than that is written ahead of a small one.
	largeFrame = 64 << 10
	mostLarge  = 256 << 10
)

// outbox gathers the frames of a session's callers. A single writer, the session's, flushes them in
// batches.
//
// Frames are numbered from 1 in the order in which they are put. A frame is written from the moment
// when the flush that holds it begins; before that it can be taken back. After a failed flush, the
// frames whose ends were not written count as unwritten.
//
// The bytes of callers' frames are limited, including the batch that is being written; a caller
// waits for room. The session's own frames (subscriptions, grants of credits, pings) never wait,
// because the reader puts some of them: see crowded. Under the lock, no user code runs and nothing
// waits.
type outbox struct {
	ids    *wire.IDs
	format wire.Format
	max    int           // bytes a message
	wake   chan struct{} // holds one token when there may be something to write
	begun  atomic.Uint64 // frames with a lower number are written; changes under the lock

	mu            sync.Mutex
	buf           []byte
	spans         []span // of the frames in buf
	next          uint64 // number of the next frame
	calls         int    // bytes of callers' frames in buf
	voids         int    // frames in buf that have been taken back
	waste         int    // and their bytes
	room          room
	large         room   // for large frames, besides
	held          int    // bytes of it that frames in buf have
	pong          []byte // the latest control frame to be answered with, replacing the one before
	failed        bool
	unwrittenFrom uint64 // after a failed flush: frames from this number on are unwritten after all
	closed        bool
	leaving       bool // write a close frame and end
	requests      *wire.Encoder
	// tap is session.tapSent, nil without a tap.
	tap func(batch []byte, from, end int) (next int)

	// The batch under way: its contents are the writer's own.
	batch, spare []byte
	batchSpans   []span
	batchCalls   int
	batchHeld    int
}

// span is a frame in a buffer, from the end of the span before to its own.
type span struct {
	number uint64
	end    int
	call   bool // a caller's
	held   int  // bytes in the room for large frames
	void   bool
}

func newOutbox(ids *wire.IDs, maxMessage, maxPending int) *outbox {
	o := &outbox{ids: ids, max: maxMessage, wake: make(chan struct{}, 1), next: 1, room: room{max: maxPending}, large: room{max: mostLarge}}
	o.begun.Store(1)
	o.speak(wire.FormatJSON)
	return o
}

// speak sets the format of frames, before the first is put.
func (o *outbox) speak(format wire.Format) {
	o.format, o.requests = format, wire.NewEncoder(format, o.ids)
}

// putCall puts a caller's frame. It waits for room until ctx or the session ends, and stores the
// frame's number before any other goroutine can see the frame. If it fails, nothing was put: the
// frame is too large or too deep, the outbox is closed (errOver), or ctx has ended.
func (o *outbox) putCall(ctx context.Context, dead <-chan struct{}, method string, x *exchange) error {
	if len(x.request) > o.max {
		return tooLarge(o.max)
	}
	need := len(x.request) + len(method) + frameRoom
	if need > o.room.max {
		return &LimitError{Limit: "bytes waiting to be written", Field: "PendingBytes", Max: o.room.max, kind: ErrTooLarge}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	held := 0
	if need >= largeFrame {
		held = min(need, o.large.max)
	}
	if err := o.acquire(ctx, dead, &o.large, held, "the large requests before it to be written"); err != nil {
		return err
	}
	if err := o.acquire(ctx, dead, &o.room, need, "room among the bytes to be written (see Limits.PendingBytes)"); err != nil {
		o.large.release(held)
		return err
	}
	size, err := 0, errOver
	if !o.isOver() {
		var buf []byte
		if buf, err = o.requests.AppendRequest(websock.Reserve(o.buf), x.id, method, x.request, x.sent); err == nil {
			size, err = o.put(buf, &x.number, true, held)
		}
	}
	if err != nil {
		o.large.release(held)
	}
	o.calls += size
	o.room.release(need - size)
	return err
}

// acquire releases the lock until the caller has this many bytes of a room.
func (o *outbox) acquire(ctx context.Context, dead <-chan struct{}, r *room, need int, what string) (err error) {
	if need == 0 || r.acquire(need) {
		return nil
	}
	e := r.wait(need)
	o.mu.Unlock()
	select {
	case <-e.Value.(*reservation).free:
	case <-dead:
		err = errOver
	case <-ctx.Done():
		err = waited(ctx, what, nil)
	}
	o.mu.Lock()
	if err != nil {
		r.leave(e)
	}
	return err
}

// putOwn is putCall for a frame of the session's own, which does not wait.
func (o *outbox) putOwn(fr *wire.Frame, id uint64, number *atomic.Uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.isOver() {
		return errOver
	}
	fr.ID = string(o.ids.Append(nil, id))
	buf, err := o.format.Append(websock.Reserve(o.buf), fr)
	if err == nil {
		_, err = o.put(buf, number, false, 0)
	}
	return err
}

// crowded returns a *LimitError if too many of the session's own frames wait because the peer does
// not read them. New subscriptions and grants are then refused; there are never many other frames.
func (o *outbox) crowded() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	own := len(o.buf) - o.waste - o.calls + len(o.batch) - o.batchCalls
	if limit := max(o.room.max, leastOwn); own > limit {
		return &LimitError{Limit: "bytes waiting to be written", Field: "PendingBytes", Max: limit, kind: ErrTooManyCalls}
	}
	return nil
}

// isOver reports whether no frame may be put any more.
func (o *outbox) isOver() bool { return o.closed || o.leaving }

// put puts the frame whose payload follows o.buf, after room for a header, in buf. It returns the
// frame's size.
func (o *outbox) put(buf []byte, number *atomic.Uint64, call bool, held int) (size int, err error) {
	start := len(o.buf)
	if len(websock.Payload(buf, start)) > o.max {
		return 0, tooLarge(o.max)
	}
	o.buf = websock.Seal(buf, start, ws.StateClientSide, o.opcode())
	number.Store(o.next)
	o.spans = append(o.spans, span{number: o.next, end: len(o.buf), call: call, held: held})
	o.held += held
	o.next++
	o.signal()
	return len(o.buf) - start, nil
}

// answer puts a control frame, which needs no number. It replaces the one that is waiting.
func (o *outbox) answer(op ws.OpCode, payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pong = appendControl(o.pong[:0], op, payload)
	o.signal()
}

// answerFrame is answer for a DWP frame.
func (o *outbox) answerFrame(fr *wire.Frame) error {
	fr.ID = string(o.ids.Append(nil, o.ids.Next()))
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

// hasBegun reports whether the flush of the frame with this number has begun, without the lock. It
// is false for 0.
func (o *outbox) hasBegun(n uint64) bool { return n != 0 && n < o.begun.Load() }

// written reports whether the frame with this number is written. The answer is final once the
// writer has ended.
func (o *outbox) written(n uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.hasBegun(n) && (!o.failed || n < o.unwrittenFrom)
}

// close refuses further frames.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// leave refuses further frames and makes the writer end with a close frame.
func (o *outbox) leave() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leaving = true
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
