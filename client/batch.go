package client

import (
	"cmp"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// writeChunk is how much may be written under one deadline: so little that a peer which handles
	// 10,000 requests to subscribe one after another, and reads them as slowly, is not given up.
	writeChunk = 32 << 10
	// keptBuffer is the largest buffer, in bytes, that is kept for the next batch, and keptSpans
	// that of its spans.
	keptBuffer = 1 << 20
	keptSpans  = 32 << 10
)

// begin makes a batch of everything that waits to be written. It reports whether there is a batch,
// and whether the session is leaving: then frames that wait stay unwritten.
func (o *outbox) begin() (some, leaving bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.leaving {
		return false, true
	}
	o.squeeze()
	if len(o.spans) == 0 && len(o.pong) == 0 {
		return false, false
	}
	o.batch, o.buf = o.buf, o.spare[:0]
	o.batchSpans, o.spans = o.spans, o.batchSpans[:0]
	o.batchCalls, o.calls = o.calls, 0
	o.batchHeld, o.held = o.held, 0
	o.begun.Store(o.next)
	o.batch = append(o.batch, o.pong...)
	o.pong = reusable(o.pong, keptBuffer)
	return true, false
}

// flush writes the batch that begin made, with a deadline for each chunk.
func (o *outbox) flush(conn net.Conn, timeout time.Duration) error {
	for written, shown := 0, 0; written < len(o.batch); {
		chunk := o.batch[written:min(written+writeChunk, len(o.batch))]
		if o.tap != nil {
			shown = o.tap(o.batch, shown, written+len(chunk))
		}
		allowed := allow(conn, timeout)
		n, err := conn.Write(chunk)
		allowed()
		written += n
		if err == nil && n != len(chunk) {
			err = io.ErrShortWrite // a user's connection that breaks its contract
		}
		if err != nil {
			o.fail(written)
			return err
		}
	}
	o.finish()
	return nil
}

// allow sets the deadline for writing the next chunk. The caller calls done after the write.
func allow(conn net.Conn, timeout time.Duration) (done func()) {
	if conn.SetWriteDeadline(time.Now().Add(timeout)) == nil {
		return func() {}
	}
	// A user's connection that has no deadlines.
	expiry := time.AfterFunc(timeout, func() { _ = conn.Close() })
	return func() { expiry.Stop() }
}

// finish releases the batch and its bytes after it was written.
func (o *outbox) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spare, o.batch = reusable(o.batch, keptBuffer), nil
	o.batchSpans = reusable(o.batchSpans, keptSpans)
	o.room.release(o.batchCalls)
	o.large.release(o.batchHeld)
	o.batchCalls, o.batchHeld = 0, 0
}

// fail records that only so many bytes of the batch were written. A frame that was written in part
// counts as unwritten, because the server cannot handle it.
func (o *outbox) fail(written int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed, o.closed, o.unwrittenFrom = true, true, o.begun.Load()
	for _, s := range o.batchSpans {
		if s.end > written {
			o.unwrittenFrom = s.number
			return
		}
	}
}

// takeBack withdraws a frame and reports whether that was in time, so that the frame stays
// unwritten. Its bytes are removed from the buffer at once, or together with others before these
// are the larger part of it.
func (o *outbox) takeBack(number *atomic.Uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := number.Load()
	switch {
	case n == 0:
		return true // before
	case n < o.begun.Load():
		return o.failed && n >= o.unwrittenFrom
	}
	i, _ := slices.BinarySearchFunc(o.spans, n, func(s span, n uint64) int { return cmp.Compare(s.number, n) })
	size := o.spans[i].end
	if i > 0 {
		size -= o.spans[i-1].end
	}
	o.spans[i].void = true
	number.Store(0)
	o.voids++
	o.waste += size
	if o.spans[i].call {
		o.calls -= size
		o.room.release(size)
		o.held -= o.spans[i].held
		o.large.release(o.spans[i].held)
	}
	if 2*o.waste > len(o.buf) || 2*o.voids > len(o.spans) {
		o.squeeze()
	}
	return true
}

// squeeze removes withdrawn frames from the buffer, and replaces a buffer that is mostly empty by a
// smaller one.
func (o *outbox) squeeze() {
	if o.voids == 0 {
		return
	}
	start, end := 0, 0
	kept := o.spans[:0]
	for _, s := range o.spans {
		if !s.void {
			if end < start {
				copy(o.buf[end:], o.buf[start:s.end])
			}
			end += s.end - start
			kept = append(kept, span{number: s.number, end: end, call: s.call, held: s.held})
		}
		start = s.end
	}
	o.buf, o.spans = fitted(o.buf[:end], keptBuffer), fitted(kept, keptSpans)
	o.voids, o.waste = 0, 0
}

// reusable empties a buffer for its next use. A buffer that is larger than most is dropped.
func reusable[T any](s []T, most int) []T {
	if cap(s) > most {
		return nil
	}
	return s[:0]
}

// fitted copies a buffer that is larger than most, and at most a quarter full, into one of its own
// size.
func fitted[T any](s []T, most int) []T {
	if cap(s) <= most || len(s) > cap(s)/4 {
		return s
	}
	return slices.Clone(s)
}
