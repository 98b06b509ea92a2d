package codec

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Kind is the JSON type of a value.
type Kind byte

// The kinds. Invalid is what no value begins with, and the end of the input.
const (
	KindInvalid Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

var kinds = [256]Kind{
	'n': KindNull, 't': KindBool, 'f': KindBool, '"': KindString, '[': KindArray, '{': KindObject, '-': KindNumber,
	'0': KindNumber, '1': KindNumber, '2': KindNumber, '3': KindNumber, '4': KindNumber,
	'5': KindNumber, '6': KindNumber, '7': KindNumber, '8': KindNumber, '9': KindNumber,
}

// Next returns the kind of the value that comes next, without reading it.
func (s *Scanner) Next() Kind { return kinds[s.next()] }

// Null reads the value that comes next if it is null, and reports whether it was.
func (s *Scanner) Null() bool {
	return s.next() == 'n' && s.literal("null")
}

// Raw reads the value that comes next, whatever it is, checks that it is valid, and returns its
// text.
func (s *Scanner) Raw() []byte {
	s.next()
	start := s.pos
	s.Skip()
	if s.err != nil {
		return nil
	}
	return s.data[start:s.pos:s.pos]
}

// literal consumes word, whose first letter is at hand.
func (s *Scanner) literal(word string) bool {
	if s.err == nil && len(s.data)-s.pos >= len(word) && string(s.data[s.pos:s.pos+len(word)]) == word {
		s.pos += len(word)
		return true
	}
	s.Fail(ErrSyntax, "expected "+word)
	return false
}

func (s *Scanner) bool(c byte) bool {
	if c == 't' {
		return s.literal("true")
	}
	s.literal("false")
	return false
}

// str consumes the string at hand and returns what it says.
func (s *Scanner) str() []byte {
	s.start = s.pos
	start := s.pos + 1
	end := plain(s.data, start)
	if end < len(s.data) && s.data[end] == '"' {
		s.pos = end + 1
		return s.data[start:end:end]
	}
	return s.strSlow(start, end)
}

// strSlow goes on with the string that begins at start where the plain bytes end.
func (s *Scanner) strSlow(start, i int) []byte {
	copied := false
	from, mark := start, len(s.buf)
	for i < len(s.data) && s.data[i] != '"' {
		r, size, ok := s.special(i)
		if !ok {
			return nil
		}
		// A valid character of several bytes is as it should be.
		if s.data[i] == '\\' || r == utf8.RuneError && size == 1 {
			s.buf = append(s.buf, s.data[from:i]...)
			s.buf = utf8.AppendRune(s.buf, r)
			from, copied = i+size, true
		}
		i = plain(s.data, i+size)
	}
	if i >= len(s.data) {
		s.truncated()
		return nil
	}
	s.pos = i + 1
	if !copied {
		return s.data[start:i:i]
	}
	s.buf = append(s.buf, s.data[from:i]...)
	return s.buf[mark:len(s.buf):len(s.buf)]
}

// special decodes what is not plain at i: an escape, a character of several bytes, or an error.
func (s *Scanner) special(i int) (r rune, size int, ok bool) {
	switch c := s.data[i]; {
	case c == '\\':
		if r, size = unescape(s.data[i:]); size == 0 {
			s.pos = i
			s.failAt(ErrSyntax, i, "invalid escape in a string")
			return 0, 0, false
		}
	case c < ' ':
		s.failAt(ErrSyntax, i, "control character "+strconv.QuoteRune(rune(c))+" in a string")
		return 0, 0, false
	default:
		r, size = utf8.DecodeRune(s.data[i:])
		if r == utf8.RuneError && size == 1 && s.utf8 {
			s.failAt(ErrUTF8, i, "")
			return 0, 0, false
		}
	}
	return r, size, true
}

// unescape decodes the escape that b begins with. Its size is 0 if that is none.
func unescape(b []byte) (r rune, size int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r = hex4(b)
		if r < 0 {
			return 0, 0
		}
		if utf16.IsSurrogate(r) {
			// A half without its other half reads as U+FFFD, and what follows for itself.
			if pair := utf16.DecodeRune(r, hex4(b[6:])); pair != utf8.RuneError {
				return pair, 12
			}
			r = utf8.RuneError
		}
		return r, 6
	}
	return 0, 0
}

// hex4 returns the code unit of the \uXXXX that b begins with, -1 if it begins with none.
func hex4(b []byte) (r rune) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// plain returns the index, from i on, of the first byte that is a quote, a backslash, a control
// character or not ASCII, len(b) if there is none. It looks at eight bytes at a time.
func plain(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		// Flipping that bit moves the quote to just above the control characters, so that one
		// comparison finds both. A subtraction borrows only above the first byte that matches, so
		// the lowest bit is right.
		control, slash := x^(ones*2), x^(ones*'\\')
		if m := (x | (control - ones*('"'^2+1)) | (slash - ones)) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return i
		}
	}
	return i
}
