package client

import (
	"net"
	"time"
)

// begin makes all that waits into a batch, and reports whether there is one and whether it is time to leave.
// The frames of a leaving outbox stay unwritten.
func (o *outbox) begin() (some, leaving bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.leaving {
		return false, true
	}
	if len(o.spans) == 0 && len(o.pong) == 0 {
		return false, false
	}
	if o.voids > 0 {
		o.squeeze()
	}
	o.batch, o.buf = o.buf, o.spare[:0]
	o.batchSpans, o.spans = o.spans, o.batchSpans[:0]
	o.batchFirst = o.begun
	o.begun += uint64(len(o.batchSpans))
	o.batch = append(o.batch, o.pong...)
	o.pong = o.pong[:0]
	return true, false
}

// squeeze removes the bytes of what was taken back.
func (o *outbox) squeeze() {
	start, end := 0, 0
	for i, s := range o.spans {
		if !s.void {
			end += copy(o.buf[end:], o.buf[start:s.end])
		}
		start = s.end
		o.spans[i] = span{end: end}
	}
	o.buf, o.voids = o.buf[:end], 0
}

// flush writes the batch that begin made, with a deadline for each chunk.
func (o *outbox) flush(conn net.Conn, timeout time.Duration) error {
	written := 0
	for written < len(o.batch) {
		allowed := o.allow(conn, timeout)
		n, err := conn.Write(o.batch[written:min(written+writeChunk, len(o.batch))])
		allowed()
		written += n
		if err != nil {
			o.fail(written)
			return err
		}
	}
	if o.spare = o.batch[:0]; cap(o.spare) > keptBuffer {
		o.spare = nil
	}
	o.batch = nil
	return nil
}

// fail records that only so many bytes of the batch were written.
func (o *outbox) fail(written int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed, o.closed, o.lost = true, true, o.begun
	start := 0
	for i, s := range o.batchSpans {
		if start >= written {
			o.lost = o.batchFirst + uint64(i)
			return
		}
		start = s.end
	}
}
