package wire

import (
	"bytes"
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
	const digits = 9
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
		i++
		from := i
		for ; i < len(b) && i-from < digits && '0' <= b[i] && b[i] <= '9'; i++ {
			nanoseconds = nanoseconds*10 + int(b[i]-'0')
		}
		if i == from {
			return t, -1
		}
		for range from + digits - i {
			nanoseconds *= 10
		}
	}
	if len(b)-i < 2 || b[i] != 'Z' || b[i+1] != '"' {
		return t, -1
	}
	return time.Unix(s.second, int64(nanoseconds)).UTC(), i + 2
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
