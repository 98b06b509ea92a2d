package codec

import "strconv"

// Fail ends the reading with an error of a kind, at the value that was read last or, after
// [Scanner.Member], at that member. The first error stays.
func (s *Scanner) Fail(kind error, detail string) { s.failAt(kind, s.start, detail) }

// Missing ends the reading because the object whose end has just been read lacks a member
// ([ErrMissing]). For generated code.
func (s *Scanner) Missing(name string) {
	if s.err == nil {
		s.err = &Error{Kind: ErrMissing, Offset: s.start, Detail: name, around: true}
	}
}

func (s *Scanner) failAt(kind error, offset int, detail string) {
	if s.err == nil {
		s.err = &Error{Kind: kind, Offset: offset, Detail: detail}
	}
}

// null consumes the value that begins with c if it is null and may be; else it fails, because it is
// not what is wanted.
func (s *Scanner) null(c byte, want string) {
	if s.err != nil {
		return
	}
	kind := kinds[c]
	if kind == KindInvalid {
		s.unexpected(want)
		return
	}
	if kind == KindNull && s.literal("null") && !s.strict {
		return
	}
	s.Fail(ErrType, "expected "+want+", not "+kind.String())
}

// unexpected fails because the next value is not valid there.
func (s *Scanner) unexpected(want string) {
	if s.err != nil {
		return
	}
	if s.pos >= len(s.data) {
		s.truncated()
		return
	}
	s.failAt(ErrSyntax, s.pos, "expected "+want+", not "+strconv.QuoteRune(rune(s.data[s.pos])))
}

func (s *Scanner) truncated() { s.failAt(ErrSyntax, len(s.data), "unexpected end of input") }

// String names the kind as an error message does.
func (k Kind) String() string {
	switch k {
	case KindNull:
		return "null"
	case KindBool:
		return "a boolean"
	case KindNumber:
		return "a number"
	case KindString:
		return "a string"
	case KindArray:
		return "an array"
	case KindObject:
		return "an object"
	default:
		return "nothing"
	}
}
