package model

import (
	"time"

	"github.com/xraph/dispatch/gen/internal/source"
	"github.com/xraph/dispatch/internal/jsonnumber"
)

// decidePresence chooses how each field represents an absent member.
// It runs when all types are known.
func (b *builder) decidePresence() {
	for _, d := range b.model.Decls {
		if s, ok := d.(*Struct); ok {
			for _, f := range s.Fields {
				f.decide(b.doc.Exact)
			}
		}
	}
}

func (f *Field) decide(exact bool) {
	t := f.Type
	switch {
	case f.Required && t.Checks.Const != nil && t.Kind != Nullable, f.Required && t.Kind == NullOnly:
		f.Presence = Fixed
	case f.Required:
		f.Presence = Always
	case t.Kind == Nullable, t.Kind == NullOnly:
		f.Presence = Carrier
		if t.Kind == Nullable {
			f.Type = t.Elem
		}
	default:
		f.Presence = absence(t, f.standard(), exact)
	}
}

// standard is the default that stands for an absent member, nil if there is none.
func (f *Field) standard() *source.Value {
	if f.tells {
		return nil
	}
	return f.Default
}

// absence is how an optional field that is not nullable represents an absent member.
func absence(t *Type, standard *source.Value, exact bool) Presence {
	under := t.Underlying()
	switch under.Kind {
	case Time:
		if t.Kind == Named || exact && !zeroTime(standard) {
			return Pointer
		}
		return OmitZero
	case Bytes, List, Map:
		// Empty is absent only where an empty one means the same.
		if under.Checks.MinItems != nil && *under.Checks.MinItems == 0 {
			return Pointer
		}
		return OmitEmpty
	case JSON, Any:
		return OmitEmpty
	case String:
		if least := under.Checks.MinLength; least != nil && *least > 0 || under.Checks.Const != nil && under.Checks.Const.Text != "" {
			return OmitEmpty
		}
	case Named:
		if e := under.Enum(); e != nil && !e.hasZero() {
			return OmitEmpty
		}
		if u := under.Union(); u != nil && u.Sealed() {
			return OmitEmpty
		}
	default: // the zero value is a value
	}
	if standard != nil && zero(standard) && scalar(under) && AllowsZero(under) {
		return OmitEmpty
	}
	return Pointer
}

// AllowsZero reports whether the schema surely allows the zero value of a scalar type. It does not
// try patterns and formats.
func AllowsZero(t *Type) bool {
	t = t.Underlying()
	if e := t.Enum(); e != nil {
		return e.hasZero()
	}
	c := &t.Checks
	return (c.Const == nil || zero(c.Const)) && (c.MinLength == nil || *c.MinLength == 0) && c.Pattern == "" && c.Format == "" &&
		c.Min.allows("0", 1) && c.Max.allows("0", -1)
}

// allows reports whether a number is on the right side of a bound: sign is 1 for a lower bound and
// -1 for an upper one. No bound allows every number.
func (b *Bound) allows(number string, sign int) bool {
	if b == nil {
		return true
	}
	order := jsonnumber.Compare(number, b.Number) * sign
	return order > 0 || order == 0 && !b.Exclusive
}

// zeroTime reports whether a default is the zero time.
func zeroTime(v *source.Value) bool {
	if v == nil || v.Kind != source.String {
		return false
	}
	t, err := time.Parse(time.RFC3339, v.Text)
	return err == nil && t.IsZero()
}

func scalar(t *Type) bool {
	switch t.Kind {
	case Bool, Int, Float, Duration, String:
		return true
	default:
		return t.Enum() != nil
	}
}

func zero(v *source.Value) bool {
	switch v.Kind {
	case source.Bool:
		return !v.True
	case source.Number:
		return number(v.Text).Sign() == 0
	case source.String:
		return v.Text == ""
	default:
		return false
	}
}

// hasZero reports whether the enum allows the empty string or 0.
func (e *Enum) hasZero() bool {
	if e.Open {
		return true
	}
	for _, v := range e.Values {
		if zero(v.Value) {
			return true
		}
	}
	return false
}

// breakCycles makes a pointer of the field through which a struct would contain
// itself: the one that closes the cycle, going through declarations and fields in order.
func (b *builder) breakCycles() {
	const (
		active = 1
		done   = 2
	)
	state := map[*Struct]int{}
	var visit func(s *Struct)
	visit = func(s *Struct) {
		state[s] = active
		for _, f := range s.Fields {
			inner := f.Type.Underlying().Struct()
			if inner == nil || f.Presence != Always {
				continue
			}
			switch state[inner] {
			case active:
				f.Indirect = true
			case 0:
				visit(inner)
			}
		}
		state[s] = done
	}
	for _, d := range b.model.Decls {
		if s, ok := d.(*Struct); ok && state[s] == 0 {
			visit(s)
		}
	}
}

// Recursive reports whether values of a declaration may contain others of it.
func Recursive(d Decl) bool {
	seen := map[Decl]bool{}
	for _, t := range Uses(d) {
		reach(t, seen)
	}
	return seen[d]
}
