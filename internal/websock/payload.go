package websock

import (
	"io"

	"github.com/gobwas/ws"
)

// eagerPayload is how much is allocated because a header announces it. More is only allocated as it
// arrives.
const eagerPayload = 64 << 10

// payload appends the next n bytes of the frame under way to dst, and calls Peek when the beginning
// of a slow message is there.
func (r *Reader) payload(dst []byte, n int64) ([]byte, error) {
	for n > 0 {
		if room := cap(dst) - len(dst); int64(room) < n {
			// Double what has arrived instead of trusting the header, and for a fragment that
			// others follow, so that a message of many fragments is not copied for each. There is
			// no need of more than the limit.
			more := n
			if have := int64(len(dst)); r.state.Fragmented() {
				more = max(n, min(have, r.o.MaxMessage-have))
			}
			grown := make([]byte, len(dst), len(dst)+int(min(more, int64(max(eagerPayload, len(dst))))))
			copy(grown, dst)
			dst = grown
		}
		part := dst[len(dst) : len(dst)+int(min(n, int64(cap(dst)-len(dst))))]
		if !r.peeked && r.o.Peek != nil && n > int64(r.end-r.pos) {
			// The rest may take long. Its beginning shows whether it is worth waiting for.
			if missing := r.o.PeekBytes - len(dst); missing > 0 {
				part = part[:min(missing, len(part))]
			} else {
				r.peek(dst[:r.o.PeekBytes])
			}
		}
		if err := r.read(part); err != nil {
			return nil, err
		}
		dst = dst[:len(dst)+len(part)]
		n -= int64(len(part))
	}
	if dst == nil {
		dst = []byte{}
	}
	return dst, nil
}

// payloadInPlace returns the next n bytes, of a message of one frame, as a part of the buffer.
func (r *Reader) payloadInPlace(n int) ([]byte, error) {
	if err := r.fill(n); err != nil {
		return nil, err
	}
	payload := r.buf[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	r.unmask(payload)
	r.inPlace = true
	return payload, nil
}

// read fills dst with the next bytes of a payload, unmasked. It takes what is buffered and reads
// the rest past the buffer, if it is large.
func (r *Reader) read(dst []byte) error {
	n := copy(dst, r.buf[r.pos:r.end])
	r.pos += n
	for n < len(dst) {
		if len(dst)-n < len(r.buf)/2 {
			if err := r.fill(1); err != nil {
				return err
			}
			m := copy(dst[n:], r.buf[r.pos:r.end])
			r.pos += m
			n += m
			continue
		}
		m, err := r.some(dst[n:])
		n += m
		if err != nil && n < len(dst) {
			return err
		}
	}
	r.unmask(dst)
	return nil
}

// unmask unmasks the next bytes of the frame under way.
func (r *Reader) unmask(payload []byte) {
	if r.masked {
		ws.Cipher(payload, r.mask, r.offset)
		r.offset = (r.offset + len(payload)) % len(r.mask)
	}
}

// fill reads until n bytes are buffered; n is at most the size of the buffer.
func (r *Reader) fill(n int) error {
	if r.end-r.pos >= n {
		return nil
	}
	if r.pos == r.end {
		r.pos, r.end = 0, 0
	} else if len(r.buf)-r.pos < n {
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	for r.end-r.pos < n {
		m, err := r.some(r.buf[r.end:])
		r.end += m
		if err != nil && r.end-r.pos < n {
			return err
		}
	}
	return nil
}

// emptyReads is how many reads in a row may bring nothing, and no error either.
const emptyReads = 100

// some reads at least one byte into dst, unless there is an error.
func (r *Reader) some(dst []byte) (n int, err error) {
	for range emptyReads + 1 {
		if n, err := r.src.Read(dst); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
