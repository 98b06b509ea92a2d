package codec

import (
	"encoding/binary"

	"github.com/tinylib/msgp/msgp"
)

// msgChunk is how much of a long string is made room for before it has been read.
const msgChunk = 64 << 10

// readMsg reads the bytes of one msgpack value, nested ones included. msgp's
// own readers make room for what a header claims before they read it.
func readMsg(r *msgp.Reader) ([]byte, error) {
	var out []byte
	pending := []uint64{1} // how many values are still to come, a level each
	for len(pending) > 0 {
		level := &pending[len(pending)-1]
		if *level == 0 {
			pending = pending[:len(pending)-1]
			continue
		}
		*level--
		lead, err := r.R.PeekByte()
		if err != nil {
			return nil, err
		}
		head, body, values := msgShape(lead)
		if head == 0 {
			return nil, &Error{Kind: ErrSyntax, Offset: len(out), Detail: "no msgpack value begins with 0xc1"}
		}
		at := len(out)
		if out, err = readChunks(r, out, head); err != nil {
			return nil, err
		}
		length := uint64(0)
		if body > 0 {
			var n [8]byte
			copy(n[8-body:], out[at+1:at+1+body])
			length = binary.BigEndian.Uint64(n[:])
		}
		if values == 0 {
			if body > 0 {
				if out, err = readChunks(r, out, length); err != nil {
					return nil, err
				}
			}
			continue
		}
		if body == 0 {
			length = uint64(lead & 0x0f)
		}
		if len(pending) > MaxDepth {
			return nil, &Error{Kind: ErrDepth, Offset: at}
		}
		pending = append(pending, length*uint64(values))
	}
	return out, nil
}

// readChunks appends the next n bytes of the stream, making room as they come.
func readChunks(r *msgp.Reader, out []byte, n uint64) ([]byte, error) {
	for n > 0 {
		step := int(min(n, msgChunk))
		at := len(out)
		out = append(out, make([]byte, step)...)
		if _, err := r.ReadFull(out[at:]); err != nil {
			return nil, err
		}
		n -= uint64(step)
	}
	return out, nil
}

// msgShape says how a value goes on after its first byte: how many bytes stand
// there for certain, the first included; how many of them, after the first, are
// a length; and for containers how many values an entry is. No value begins with a byte whose head is 0.
func msgShape(lead byte) (head uint64, length, values int) {
	switch {
	case lead <= 0x7f, lead >= 0xe0:
		return 1, 0, 0
	case lead <= 0x8f:
		return 1, 0, 2
	case lead <= 0x9f:
		return 1, 0, 1
	case lead <= 0xbf:
		return 1 + uint64(lead&0x1f), 0, 0
	}
	s := msgShapes[lead-0xc0]
	return s.head, s.length, s.values
}

var msgShapes = [0x20]struct {
	head           uint64
	length, values int
}{
	{1, 0, 0}, {0, 0, 0}, {1, 0, 0}, {1, 0, 0}, // nil, none, false, true
	{2, 1, 0}, {3, 2, 0}, {5, 4, 0}, // bin
	{3, 1, 0}, {4, 2, 0}, {6, 4, 0}, // ext: the type stands after the length
	{5, 0, 0}, {9, 0, 0}, // floats
	{2, 0, 0}, {3, 0, 0}, {5, 0, 0}, {9, 0, 0}, // uint
	{2, 0, 0}, {3, 0, 0}, {5, 0, 0}, {9, 0, 0}, // int
	{3, 0, 0}, {4, 0, 0}, {6, 0, 0}, {10, 0, 0}, {18, 0, 0}, // fixext
	{2, 1, 0}, {3, 2, 0}, {5, 4, 0}, // str
	{3, 2, 1}, {5, 4, 1}, // array
	{3, 2, 2}, {5, 4, 2}, // map
}
