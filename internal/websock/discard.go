package websock

// beginning returns the first bytes of a message that its frame of this length makes too large,
// with ErrTooLarge, and leaves the rest to be discarded.
func (r *Reader) beginning(length int64) (message []byte, err error) {
	message = append(message, r.message[:min(len(r.message), r.o.PeekBytes)]...)
	r.message = nil
	more := min(int64(r.o.PeekBytes-len(message)), length)
	if message, err = r.payload(message, more); err != nil {
		return nil, err
	}
	r.excess = length - more
	r.peek(message)
	return message, ErrTooLarge
}

// discard reads past the rest of a frame that is not kept.
func (r *Reader) discard() error {
	for r.excess > 0 {
		if err := r.fill(1); err != nil {
			return err
		}
		n := min(int64(r.end-r.pos), r.excess)
		r.pos += int(n)
		r.excess -= n
	}
	return nil
}

// peek calls Peek unless it was called for this message.
func (r *Reader) peek(beginning []byte) {
	if !r.peeked && r.o.Peek != nil {
		r.peeked = true
		r.o.Peek(beginning)
	}
}
