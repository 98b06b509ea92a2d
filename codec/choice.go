package codec

import (
	"reflect"
	"slices"
)

// Tag returns the string that the object that comes next has as a member, without reading the
// object: a tag says which type to read it as. ok is false after an error, and for null, which is
// read. An object without the member is an error ([ErrMissing]). For generated code.
func (s *Scanner) Tag(name string) (tag string, ok bool) {
	if c := s.next(); c != '{' {
		s.null(c, "an object")
		return "", false
	}
	ahead := *s
	for ahead.Object(); ahead.Member(); {
		if string(ahead.Key()) != name {
			ahead.Skip()
			continue
		}
		var text []byte
		if text, ok = ahead.Text(); ahead.err == nil && !ok {
			ahead.Fail(ErrType, "expected a string, not null")
		}
		tag = string(text)
		break
	}
	if !ok && ahead.err == nil {
		ahead.Missing(name)
	}
	s.err = ahead.err
	return tag, s.err == nil
}

// Choice is one of several types that a value may be read as. For generated code.
type Choice[U any] struct {
	// Kinds are the kinds of JSON that values of the type are; nil if any.
	Kinds []Kind
	// Required are members without which an object is not of the type.
	Required []string
	// Read reads the value as the type and returns it.
	Read func(*Scanner) U
}

// ScanChoice reads a value into dst as the first of several types that it can be read as; or as the
// only one, if exclusive is set and it is an error ([ErrValue]) that there are two. If there is
// none, the error is that of the type that got furthest. Null leaves dst as it is, unless it is
// among the kinds of a choice. For generated code.
func ScanChoice[U any](s *Scanner, dst *U, exclusive bool, choices ...Choice[U]) {
	if c := s.next(); c == 'n' && !nullIsChoice(choices) || s.err != nil {
		s.null(c, "a value")
		return
	}
	at := choiceAt{s.pos, reflect.TypeFor[U]()}
	made, known := s.memo[at]
	if !known {
		if s.memo == nil {
			s.memo = map[choiceAt]choiceMade{}
			defer func() { s.memo = nil }()
		}
		made = choose(s, exclusive, choices)
		s.memo[at] = made
	}
	if made.err != nil {
		s.err = made.err
		return
	}
	s.pos, s.first = made.end, false
	*dst, _ = made.value.(U)
}

// nullIsChoice reports whether null is among the kinds of a choice.
func nullIsChoice[U any](choices []Choice[U]) bool {
	return slices.ContainsFunc(choices, func(c Choice[U]) bool { return slices.Contains(c.Kinds, KindNull) })
}

// choiceAt is a place where a choice is to be made. A value within a choice is met again with each
// type that the value around it is tried as, which would take twice as long with each level. So
// within one choice others are made once.
type choiceAt struct {
	pos int
	of  reflect.Type
}

// choiceMade is the value and where it ends, or what is wrong with every choice.
type choiceMade struct {
	value any
	end   int
	err   *Error
}

func choose[U any](s *Scanner, exclusive bool, choices []Choice[U]) (made choiceMade) {
	furthest := -1
	for i := range likely(s, choices) {
		ahead := *s
		value := choices[i].Read(&ahead)
		switch {
		case ahead.err != nil:
			if made.end == 0 && ahead.err.Offset > furthest {
				made.err, furthest = ahead.err, ahead.err.Offset
			}
			continue
		case made.end > 0:
			made.err = &Error{Kind: ErrValue, Offset: s.pos, Detail: "several types of which there may be one"}
			return made
		}
		if made = (choiceMade{value: value, end: ahead.pos}); !exclusive {
			return made
		}
	}
	if made.end == 0 && made.err == nil {
		made.err = &Error{Kind: ErrType, Offset: s.pos, Detail: "no type of those that are expected is " + s.Next().String()}
	}
	return made
}

// likely yields the choices that are worth trying: those of the value's kind, and of objects those
// whose members are there; if there are none of these, the first one of the kind, whose error says
// what is missing.
func likely[U any](s *Scanner, choices []Choice[U]) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		kind := s.Next()
		var ofKind []int
		demanding := 0
		for i, c := range choices {
			if c.Kinds == nil || slices.Contains(c.Kinds, kind) {
				ofKind = append(ofKind, i)
				demanding += len(c.Required)
			}
		}
		if kind == KindObject && len(ofKind) > 1 && demanding > 0 {
			names := s.names()
			complete := slices.DeleteFunc(slices.Clone(ofKind), func(i int) bool {
				return slices.ContainsFunc(choices[i].Required, func(name string) bool { return !names[name] })
			})
			if ofKind = ofKind[:1]; len(complete) > 0 {
				ofKind = complete
			}
		}
		for _, i := range ofKind {
			if !yield(i) {
				return
			}
		}
	}
}

// names returns the names of the members of the object that comes next, without reading it.
func (s *Scanner) names() map[string]bool {
	names := map[string]bool{}
	ahead := *s
	for ahead.Object(); ahead.Member(); ahead.Skip() {
		names[string(ahead.Key())] = true
	}
	return names
}

// Expect reports whether the value that comes next is of one of the kinds. If it is not, that is an
// error ([ErrType]). For generated code.
func (s *Scanner) Expect(kinds ...Kind) bool {
	if kind := s.Next(); s.err == nil && !slices.Contains(kinds, kind) {
		s.Fail(ErrType, "no type of those that are expected is "+kind.String())
	}
	return s.err == nil
}

// Check ends the reading with an error that was found in the value that was read ([ErrValue]). nil
// is none. For generated code.
func (s *Scanner) Check(err error) {
	if err != nil {
		s.Fail(ErrValue, err.Error())
	}
}
