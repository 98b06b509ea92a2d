package wire

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/xraph/dispatch/codec"
)

// stamp reads or writes times in RFC 3339 that follow one another closely: it keeps the latest
// second as it was written.
type stamp struct {
	text   [1 + len(secondLayout) + len(`Z"`)]byte // as a JSON string
	known  bool
	second int64 // Unix time
}

const secondLayout = "2006-01-02T15:04:05"

// read reads the time in UTC that a string of b holds from i on, with up to nine digits after the
// second, and returns the index after the quote that ends it, -1 if the string is anything else.
func (s *stamp) read(b []byte, i int) (t time.Time, end int) {
	if len(b)-i <= len(secondLayout)+len("Z") {
		return t, -1
	}
	if !s.known || string(b[i:i+len(secondLayout)]) != string(s.text[1:1+len(secondLayout)]) {
		if !s.learn(b[i : i+len(secondLayout)]) {
			return t, -1
		}
	}
	i += len(secondLayout)
	nanoseconds := 0
	if b[i] == '.' {
		if nanoseconds, i = fraction(b, i+1); i < 0 {
			return t, -1
		}
	}
	if len(b)-i < 2 || b[i] != 'Z' || b[i+1] != '"' {
		return t, -1
	}
	return time.Unix(s.second, int64(nanoseconds)).UTC(), i + 2
}

// fraction reads the one to nine digits after a second that begin at i, as nanoseconds, and returns
// the index after them, -1 if there are none.
func fraction(b []byte, i int) (nanoseconds, end int) {
	const most = 9
	from := i
	if len(b)-i >= 8 {
		if n, ok := eightDigits(binary.LittleEndian.Uint64(b[i:])); ok {
			nanoseconds, i = n, i+8
		}
	}
	for ; i < len(b) && i-from < most && '0' <= b[i] && b[i] <= '9'; i++ {
		nanoseconds = nanoseconds*10 + int(b[i]-'0')
	}
	if i == from {
		return 0, -1
	}
	for range from + most - i {
		nanoseconds *= 10
	}
	return nanoseconds, i
}

// eightDigits returns the number that eight digits in little-endian order are. It is false if one
// of the bytes is no digit.
func eightDigits(x uint64) (n int, ok bool) {
	x ^= ones * '0'
	if (x|(x+ones*(0x7f-9)))&highs != 0 {
		return 0, false
	}
	x = x*10 + x>>8         // pairs, in every other byte
	x &= 0x00ff00ff00ff00ff // of at most 99
	x = (x*100 + x>>16) & 0x0000ffff0000ffff
	return int((x*10000 + x>>32) & 0xffffffff), true
}

// learn keeps a second, if it is one.
func (s *stamp) learn(text []byte) bool {
	s.text[0] = '"'
	copy(s.text[1+copy(s.text[1:], text):], `Z"`)
	scanner := codec.NewScanner(s.text[:])
	var t time.Time
	codec.ScanTime(&scanner, &t)
	s.known, s.second = scanner.End() == nil, t.Unix()
	return s.known
}

// append appends a time as [codec.AppendTime] does, without the quotes. It is false for one that
// the other refuses.
func (s *stamp) append(dst []byte, t time.Time) (_ []byte, ok bool) {
	if second := t.Unix(); !s.known || second != s.second {
		text, err := codec.AppendTime(s.text[:0], time.Unix(second, 0).UTC())
		if s.known, s.second = err == nil && len(text) == len(s.text), second; !s.known {
			return dst, false
		}
	}
	dst = append(dst, s.text[1:1+len(secondLayout)]...)
	if nanoseconds := t.Nanosecond(); nanoseconds != 0 {
		dst = append(dst, ".000000000"...)
		for i := len(dst) - 1; nanoseconds > 0; i-- {
			dst[i] = byte('0' + nanoseconds%10)
			nanoseconds /= 10
		}
		dst = bytes.TrimRight(dst, "0")
	}
	return append(dst, 'Z'), true
}
