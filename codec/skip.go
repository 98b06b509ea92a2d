package codec

import "bytes"

// Skip reads the value that comes next, whatever it is, and checks that it is valid.
func (s *Scanner) Skip() {
	if s.err != nil {
		return
	}
	s.pos, _ = s.skip(s.pos)
	s.first = false
}

// skip returns the index after the value that comes next from i on; ok is false after an error.
// Most bytes of most messages are only skipped, to find where data ends, so it and what it calls
// pass positions along instead of keeping them in the Scanner.
func (s *Scanner) skip(i int) (end int, ok bool) {
	if i = s.space(i); i == len(s.data) {
		return s.reject(i, "a value")
	}
	switch c := s.data[i]; kinds[c] {
	case KindString:
		return s.skipString(i)
	case KindObject:
		return s.skipObject(i)
	case KindNumber:
		s.pos, s.start = i, i
		s.number()
		return s.pos, s.err == nil
	case KindArray:
		return s.skipArray(i)
	case KindBool, KindNull:
		for _, word := range literals {
			if bytes.HasPrefix(s.data[i:], word) {
				return i + len(word), true
			}
		}
	case KindInvalid:
	}
	return s.reject(i, "a value")
}

var literals = [][]byte{[]byte("null"), []byte("true"), []byte("false")}

func (s *Scanner) skipObject(i int) (end int, ok bool) {
	if !s.deeper(i) {
		return i, false
	}
	data := s.data
	if i = s.space(i + 1); i < len(data) && data[i] == '}' {
		s.depth--
		return i + 1, true
	}
	for {
		if i == len(data) || data[i] != '"' {
			return s.reject(i, "a member name")
		}
		if i, ok = s.skipString(i); !ok {
			return i, false
		}
		if i = s.space(i); i == len(data) || data[i] != ':' {
			return s.reject(i, "':'")
		}
		if i, ok = s.skip(i + 1); !ok {
			return i, false
		}
		i = s.space(i)
		switch {
		case i < len(data) && data[i] == ',':
			i = s.space(i + 1)
		case i < len(data) && data[i] == '}':
			s.depth--
			return i + 1, true
		default:
			return s.reject(i, "',' or '}'")
		}
	}
}

func (s *Scanner) skipArray(i int) (end int, ok bool) {
	if !s.deeper(i) {
		return i, false
	}
	data := s.data
	if i = s.space(i + 1); i < len(data) && data[i] == ']' {
		s.depth--
		return i + 1, true
	}
	for {
		if i, ok = s.skip(i); !ok {
			return i, false
		}
		i = s.space(i)
		switch {
		case i < len(data) && data[i] == ',':
			i++
		case i < len(data) && data[i] == ']':
			s.depth--
			return i + 1, true
		default:
			return s.reject(i, "',' or ']'")
		}
	}
}

// skipString returns the index after the string that begins at i.
func (s *Scanner) skipString(i int) (end int, ok bool) {
	s.start = i
	for i = plain(s.data, i+1); i < len(s.data); {
		if s.data[i] == '"' {
			return i + 1, true
		}
		_, size, ok := s.special(i)
		if !ok {
			return i, false
		}
		i = plain(s.data, i+size)
	}
	s.truncated()
	return i, false
}

// deeper enters the container that begins at i.
func (s *Scanner) deeper(i int) bool {
	if s.depth >= MaxDepth-s.spare {
		s.failAt(ErrDepth, i, "")
		return false
	}
	s.depth++
	return true
}

// space returns the index, from i on, of the first byte that is not white space.
func (s *Scanner) space(i int) int {
	for i < len(s.data) && s.data[i] <= ' ' && isSpace(s.data[i]) {
		i++
		s.spaced = true
	}
	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// reject fails because what is at i is not what is wanted.
func (s *Scanner) reject(i int, want string) (end int, ok bool) {
	s.pos = i
	s.unexpected(want)
	return i, false
}
