package codec

import "errors"

// rescans bounds how much of a document is read again because a variant of a
// union turned out to be another: that many times its size, and a little more.
const rescans = 64

// Tag returns the string that the object which comes next has under a name,
// without reading the object. Without one it fails: [ErrMissing], or [ErrType].
func (s *Scanner) Tag(name string) (tag string, ok bool) {
	mark := *s
	if !s.Object() {
		return "", false
	}
	for s.Member() {
		if string(s.Key()) != name {
			s.Skip()
			continue
		}
		text, ok := s.Text()
		if s.err != nil {
			return "", false
		}
		tag = string(text)
		s.rewind(mark)
		return tag, ok
	}
	s.Missing(name)
	return "", false
}

// rewind goes back to where s was, unless that has been done too often.
func (s *Scanner) rewind(mark Scanner) {
	again := s.again + s.pos - mark.pos
	*s = mark
	s.again = again
	if again > rescans*(len(s.data)+1024) {
		s.Fail(ErrDepth, "too many variants to try")
	}
}

// Check ends the reading if a value that has just been read is not valid ([ErrValue]).
func (s *Scanner) Check(err error) {
	if err != nil {
		s.Fail(ErrValue, err.Error())
	}
}

// ScanChoose reads a value of a union: by the first choice that reads it, or
// by the only one if the union is exclusive. If there is none, the error is that of
// the choice that read furthest; several are [ErrValue].
func ScanChoose[U any](s *Scanner, dst *U, exclusive bool, choices ...func(*Scanner) U) {
	if s.err != nil {
		return
	}
	mark := *s
	var after *Scanner
	var worst error
	offset := -1
	for _, choice := range choices {
		v := choice(s)
		switch {
		case s.err == nil && after != nil:
			s.Fail(ErrValue, "several variants of a oneOf")
			return
		case s.err == nil:
			*dst = v
			if !exclusive {
				return
			}
			done := *s
			after = &done
		default:
			var e *Error
			if errors.As(s.err, &e) && e.Offset > offset {
				worst, offset = s.err, e.Offset
			}
		}
		if s.rewind(mark); s.err != nil {
			return
		}
	}
	if after == nil {
		s.err = worst
		return
	}
	again := s.again
	*s = *after
	s.again = again
}

// NoMoreItems leaves an array, which fails if there is another item ([ErrUnknown]).
func (s *Scanner) NoMoreItems() {
	if s.Element() {
		s.Fail(ErrUnknown, "more items than the schema has")
	}
}

// MissingItem ends the reading because an array has too few items ([ErrMissing]).
func (s *Scanner) MissingItem() { s.Fail(ErrMissing, "an item") }
