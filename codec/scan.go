package codec

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
)

// Integer is any signed integer type.
type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

// Unsigned is any unsigned integer type.
type Unsigned interface {
	~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Float is any floating-point type.
type Float interface {
	~float32 | ~float64
}

// ScanString reads a string into dst, a copy, which may be a part of a copy of a small document (at
// most 1 KiB). Null leaves dst as it is. For generated code.
func ScanString[T ~string](s *Scanner, dst *T) {
	b, ok := s.Text()
	switch {
	case !ok || string(*dst) == string(b):
	case len(b) == 0:
		*dst = ""
	default:
		*dst = T(s.own(b))
	}
}

// Text reads a string and returns it without copying; ok is false for null and after an error.
func (s *Scanner) Text() (text []byte, ok bool) {
	// Straight on, where there is no white space and a plain string.
	if data, i := s.data, s.pos; s.err == nil && i < len(data) && data[i] == '"' {
		if end := plain(data, i+1); end < len(data) && data[end] == '"' {
			s.start, s.pos = i, end+1
			return data[i+1 : end : end], true
		}
	}
	return s.text()
}

// text is Text for any form.
func (s *Scanner) text() (text []byte, ok bool) {
	c := s.next()
	if c != '"' {
		s.null(c, "a string")
		return nil, false
	}
	b := s.str()
	return b, s.err == nil
}

// ScanBool reads a boolean into dst. Null leaves dst as it is. For generated code.
func ScanBool[T ~bool](s *Scanner, dst *T) {
	c := s.next()
	if kinds[c] != KindBool {
		s.null(c, "a boolean")
		return
	}
	if v := s.bool(c); s.err == nil {
		*dst = T(v)
	}
}

// nextNumber consumes the number that comes next. It reports false for null and after an error.
func (s *Scanner) nextNumber(want string) (number, bool) {
	c := s.next()
	if kinds[c] != KindNumber {
		s.null(c, want)
		return number{}, false
	}
	n := s.number()
	return n, s.err == nil
}

// ScanInt reads an integer into dst, which may be written as 1.0 or 1e2. One that
// does not fit into T is an error ([ErrRange]). Null leaves dst as it is. For generated code.
func ScanInt[T Integer](s *Scanner, dst *T) {
	n, ok := s.nextNumber("an integer")
	if !ok {
		return
	}
	m, kind := n.magnitude()
	v := int64(m)
	switch {
	case kind != nil:
		s.badInteger(n, kind)
		return
	case n.negative && m <= 1<<63:
		v = -v
	case m > math.MaxInt64:
		s.badInteger(n, ErrRange)
		return
	}
	if int64(T(v)) != v {
		s.badInteger(n, ErrRange)
		return
	}
	*dst = T(v)
}

// ScanUint reads an integer that is not negative into dst, like [ScanInt]. For generated code.
func ScanUint[T Unsigned](s *Scanner, dst *T) {
	n, ok := s.nextNumber("an integer")
	if !ok {
		return
	}
	v, kind := n.magnitude()
	if kind == nil && (n.negative && v != 0 || uint64(T(v)) != v) {
		kind = ErrRange
	}
	if kind != nil {
		s.badInteger(n, kind)
		return
	}
	*dst = T(v)
}

func (s *Scanner) badInteger(n number, kind error) {
	if errors.Is(kind, ErrType) {
		s.Fail(kind, "expected an integer, not "+clip(n.text))
		return
	}
	s.Fail(kind, "the integer "+clip(n.text))
}

// ScanFloat reads a number into dst. One that does not fit into T is an error ([ErrRange]).
// Null leaves dst as it is. For generated code.
func ScanFloat[T Float](s *Scanner, dst *T) {
	n, ok := s.nextNumber("a number")
	if !ok {
		return
	}
	v, err := strconv.ParseFloat(string(n.text), floatBits[T]())
	if err != nil {
		s.Fail(ErrRange, "the number "+clip(n.text))
		return
	}
	*dst = T(v)
}

// ScanTime reads a time in RFC 3339 into dst. Null leaves dst as it is. For generated code.
func ScanTime(s *Scanner, dst *time.Time) {
	b, ok := s.Text()
	if !ok {
		return
	}
	read := parseTime
	if s.strict {
		read = strictTime
	}
	t, ok := read(b)
	if !ok {
		s.Fail(ErrType, "expected a time in RFC 3339, not "+strconv.Quote(clip(b)))
		return
	}
	*dst = t
}

// ScanBytes reads a string of base64 into dst, decoded. Null makes it nil. For generated code.
func ScanBytes[T ~[]byte](s *Scanner, dst *T) {
	b, ok := s.Text()
	if !ok {
		if s.err == nil {
			*dst = nil
		}
		return
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(b)))
	n, err := base64.StdEncoding.Decode(out, b)
	if err != nil {
		s.Fail(ErrType, "expected base64")
		return
	}
	*dst = out[:n]
}

// ScanRaw reads any value into dst, a copy of its text. Null is "null". For generated code.
func ScanRaw(s *Scanner, dst *json.RawMessage) {
	if raw := s.Raw(); s.err == nil {
		*dst = append(json.RawMessage(nil), raw...)
	}
}

// ScanAny reads any value into dst, as a [json.RawMessage] of its own. Null is "null".
// For generated code.
func ScanAny(s *Scanner, dst *any) {
	if raw := s.Raw(); s.err == nil {
		*dst = append(json.RawMessage(nil), raw...)
	}
}

// clip shortens what an error quotes.
func clip(b []byte) string {
	const most = 40
	if len(b) > most {
		return string(b[:most]) + "…"
	}
	return string(b)
}
