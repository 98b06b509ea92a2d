package wire

import (
	"time"

	"github.com/xraph/dispatch/codec"
)

// stamp reads times in RFC 3339 that follow one another closely: it keeps the latest second as it was written.
type stamp struct {
	text   [1 + len(secondLayout) + len(`Z"`)]byte // as a JSON string
	known  bool
	second int64 // Unix time
}

const secondLayout = "2006-01-02T15:04:05"

// read reads the time in UTC that a string of b holds from i on, with up to nine digits after the second, and returns the
// index after the quote that ends it, -1 if the string is anything else.
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
