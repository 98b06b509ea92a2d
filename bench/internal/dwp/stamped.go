package dwp

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
)

// Blank is what a stamped message has where its number goes.
const Blank = "~~~~~~~~~~~~~~~~"

// Stamped is a message that is encoded once and sent many times with a number in the place of each
// Blank.
type Stamped struct {
	message []byte
	places  []int
}

// NewStamped takes over the message.
func NewStamped(message []byte) *Stamped {
	s := &Stamped{message: message}
	for at := 0; ; {
		i := bytes.Index(message[at:], []byte(Blank))
		if i < 0 {
			return s
		}
		s.places = append(s.places, at+i)
		at += i + len(Blank)
	}
}

// With returns the message with the number n. It is valid until the next call.
func (s *Stamped) With(n uint64) []byte {
	var digits [len(Blank)]byte
	PutNumber(digits[:], n)
	for _, at := range s.places {
		copy(s.message[at:], digits[:])
	}
	return s.message
}

// PutNumber writes n in 16 hexadecimal digits.
func PutNumber(b []byte, n uint64) {
	var big [8]byte
	binary.BigEndian.PutUint64(big[:], n)
	hex.Encode(b, big[:])
}

// Number reads what PutNumber wrote.
func Number(b []byte) (n uint64, ok bool) {
	var big [8]byte
	if len(b) != len(Blank) {
		return 0, false
	}
	if _, err := hex.Decode(big[:], b); err != nil {
		return 0, false
	}
	return binary.BigEndian.Uint64(big[:]), true
}
