package msgpack

import (
	"encoding/binary"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
)

// CheckDepth refuses a value that is nested deeper than [codec.MaxDepth] ([codec.ErrDepth]). What
// follows the value does not matter.
func CheckDepth(b []byte) error {
	_, err := skip(b, codec.MaxDepth)
	return err
}

// skip returns what follows the value that b begins with, without recursion. A value that is nested
// deeper than most is [codec.ErrDepth].
func skip(b []byte, most int) (rest []byte, err error) {
	pending := []uint64{1} // how many values are still to come, one entry for each level
	for len(pending) > 0 {
		level := &pending[len(pending)-1]
		if *level == 0 {
			pending = pending[:len(pending)-1]
			continue
		}
		*level--
		var values uint64
		if values, b, err = skipHead(b); err != nil {
			return nil, err
		}
		if values == 0 {
			continue
		}
		if len(pending) > most {
			return nil, &codec.Error{Kind: codec.ErrDepth}
		}
		pending = append(pending, values)
	}
	return b, nil
}

// skipHead skips a value that is not a container, or the header of one, and returns how many
// values the container has.
func skipHead(b []byte) (values uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, msgp.ErrShortBytes
	}
	head, digits, perEntry := shape(b[0])
	if head == 0 {
		return 0, nil, &codec.Error{Kind: codec.ErrSyntax, Detail: "no msgpack value begins with 0xc1"}
	}
	if uint64(len(b)) < head {
		return 0, nil, msgp.ErrShortBytes
	}
	length := uint64(b[0] & 0x0f)
	if digits > 0 {
		var n [8]byte
		copy(n[8-digits:], b[1:])
		length = binary.BigEndian.Uint64(n[:])
	}
	b = b[head:]
	if perEntry > 0 || digits == 0 {
		return length * uint64(perEntry), b, nil
	}
	if uint64(len(b)) < length {
		return 0, nil, msgp.ErrShortBytes
	}
	return 0, b[length:], nil
}

// shape says how a value goes on after its first byte: how many bytes there are at least, the
// first included; how many of them, after the first, are a length; and for containers how many
// values an entry is. No value begins with a byte whose head is 0.
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
	{3, 1, 0}, {4, 2, 0}, {6, 4, 0}, // ext: the type follows the length
	{5, 0, 0}, {9, 0, 0}, // floats
	{2, 0, 0}, {3, 0, 0}, {5, 0, 0}, {9, 0, 0}, // uint
	{2, 0, 0}, {3, 0, 0}, {5, 0, 0}, {9, 0, 0}, // int
	{3, 0, 0}, {4, 0, 0}, {6, 0, 0}, {10, 0, 0}, {18, 0, 0}, // fixext
	{2, 1, 0}, {3, 2, 0}, {5, 4, 0}, // str
	{3, 2, 1}, {5, 4, 1}, // array
	{3, 2, 2}, {5, 4, 2}, // map
}
