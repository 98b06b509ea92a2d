package client

import "github.com/xraph/dispatch/internal/wire"

// The part of transport that deals with messages that are too large. Their beginning tells whom they concern; the rest is read
// past as it arrives, so that the session survives and no memory is taken.

// readPast is how many times the limit a message may have and still be read past. A larger one ends the session.
const readPast = 4

// beginning returns the first bytes of a message that its frame of this length makes too large, with the error that says
// so, and leaves the rest to be read past.
func (t *transport) beginning(length int64) (msg []byte, err error) {
	msg = append(msg, t.fragments[:min(len(t.fragments), wire.HeadingBytes)]...)
	t.fragments = nil
	more := min(int64(wire.HeadingBytes-len(msg)), length)
	if msg, err = t.payload(msg, int(more)); err != nil {
		return nil, err
	}
	t.excess = length - more
	t.peek(msg)
	return msg, tooLarge(t.maxMessage)
}

// discard reads past the rest of a frame that is not kept.
func (t *transport) discard() error {
	for t.excess > 0 {
		if err := t.fill(1); err != nil {
			return err
		}
		n := min(int64(t.end-t.pos), t.excess)
		t.pos += int(n)
		t.excess -= n
	}
	return nil
}

// peek finds out whether it is a reply that is coming in.
func (t *transport) peek(beginning []byte) {
	t.peeked = true
	t.replying.Store(t.isReply(beginning))
}

func tooLarge(limit int) *LimitError {
	return &LimitError{Limit: "bytes a message", Option: "WithMaxMessage", Max: limit, kind: ErrTooLarge}
}
