package msgpack

import (
	"encoding/binary"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// chunkSize is how much of a long string is made room for before it has been read.
const chunkSize = 64 << 10

// readValue reads the bytes of one msgpack value, nested ones included. msgp's
// own readers make room for what a header claims before they read it.
func readValue(r *msgp.Reader) ([]byte, error) {
	var out []byte
	err := walk(r, codec.MaxDepth, func(n uint64) (err error) {
		out, err = readChunks(r, out, n)
		return err
	})
	return out, err
}

// walk goes through one msgpack value of a stream, nested ones included,
// without recursion, if it is nested no deeper than most. take consumes the next bytes, headers and bodies as they come.
func walk(r *msgp.Reader, most int, take func(n uint64) error) error {
	pending := []uint64{1} // how many values are still to come, a level each
	for len(pending) > 0 {
		level := &pending[len(pending)-1]
		if *level == 0 {
			pending = pending[:len(pending)-1]
			continue
		}
		*level--
		values, err := walkHead(r, take)
		if err != nil {
			return err
		}
		if values == 0 {
			continue
		}
		if len(pending) > most {
			return &codec.Error{Kind: codec.ErrDepth}
		}
		pending = append(pending, values)
	}
	return nil
}

// walkHead takes a value that is not a container, or the header of one, and
// returns how many values the container has.
func walkHead(r *msgp.Reader, take func(n uint64) error) (values uint64, err error) {
	lead, err := r.R.PeekByte()
	if err != nil {
		return 0, err
	}
	head, digits, perEntry := shape(lead)
	if head == 0 {
		return 0, &codec.Error{Kind: codec.ErrSyntax, Detail: "no msgpack value begins with 0xc1"}
	}
	length := uint64(lead & 0x0f)
	if digits > 0 {
		p, err := r.R.Peek(1 + digits)
		if err != nil {
			return 0, err
		}
		var n [8]byte
		copy(n[8-digits:], p[1:])
		length = binary.BigEndian.Uint64(n[:])
	}
	if err := take(head); err != nil {
		return 0, err
	}
	if perEntry == 0 && digits > 0 {
		return 0, take(length)
	}
	return length * uint64(perEntry), nil
}

// readChunks appends the next n bytes of the stream, making room as they come.
func readChunks(r *msgp.Reader, out []byte, n uint64) ([]byte, error) {
	for n > 0 {
		step := int(min(n, chunkSize))
		at := len(out)
		out = append(out, make([]byte, step)...)
		if _, err := r.ReadFull(out[at:]); err != nil {
			return nil, err
		}
		n -= uint64(step)
	}
	return out, nil
}

// shape says how a value goes on after its first byte: how many bytes stand
// there for certain, the first included; how many of them, after the first, are
// a length; and for containers how many values an entry is. No value begins with a byte whose head is 0.
func shape(lead byte) (head uint64, length, values int) {
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
	s := shapes[lead-0xc0]
	return s.head, s.length, s.values
}

var shapes = [0x20]struct {
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
