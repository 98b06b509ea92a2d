package model

import "github.com/xraph/dispatch/gen/internal/source"

// Kind is the kind of a Go type.
type Kind uint8

// The kinds of Go types.
const (
	Invalid  Kind = iota
	Bool          // bool
	Int           // int, or a sized integer
	Float         // float64
	String        // string
	Bytes         // []byte, base64 in JSON
	Time          // time.Time
	Duration      // time.Duration, an integer of Unit
	JSON          // json.RawMessage: any JSON
	Any           // any: any JSON that is sent
	NullOnly      // struct{}: null and nothing else
	List          // []Elem
	Map           // map[string]Elem
	Nullable      // *Elem, nil for null
	Named         // a declaration
	end
)

// Kinds are all kinds but Invalid.
func Kinds() []Kind {
	var all []Kind
	for k := Invalid + 1; k < end; k++ {
		all = append(all, k)
	}
	return all
}

// Type is a Go type, with what the schema demands of its values.
type Type struct {
	Kind     Kind
	Bits     int    // of an Int: 0 is int
	Unsigned bool   // of an Int
	Unit     string // of a Duration: ns, us, ms or s
	Elem     *Type  // of a List, Map or Nullable
	Decl     Decl   // of a Named
	Checks   Checks
}

// Checks are the demands that a Go type alone does not meet.
type Checks struct {
	MinLength, MaxLength *int // of strings, in characters
	Pattern              string
	Format               string // date, duration, uuid, uri, ipv4, ipv6 …

	Min, Max   *Bound
	MultipleOf string // a number's literal

	MinItems, MaxItems *int // of lists and tuples, and of maps and structs the members
	Unique             bool

	KeyPattern string // of a map's keys
	Const      *source.Value
}

// Bound is a limit of a number.
type Bound struct {
	Number    string // its literal
	Exclusive bool
}

// None reports whether nothing is demanded.
func (c *Checks) None() bool { return *c == Checks{} }

// Underlying follows Defined declarations to the type that they name.
func (t *Type) Underlying() *Type {
	for t.Kind == Named {
		d, ok := t.Decl.(*Defined)
		if !ok {
			return t
		}
		if d.Type == nil {
			return t
		}
		t = d.Type
	}
	return t
}

// Struct returns the struct that t names, nil if it names none.
func (t *Type) Struct() *Struct {
	if t == nil || t.Kind != Named {
		return nil
	}
	s, _ := t.Decl.(*Struct)
	return s
}

// Enum returns the enum that t names, nil if it names none.
func (t *Type) Enum() *Enum {
	if t == nil || t.Kind != Named {
		return nil
	}
	e, _ := t.Decl.(*Enum)
	return e
}

// Same reports whether two types print alike.
func (t *Type) Same(u *Type) bool {
	if t == nil || u == nil {
		return t == u
	}
	return t.Kind == u.Kind && t.Bits == u.Bits && t.Unsigned == u.Unsigned && t.Unit == u.Unit &&
		t.Decl == u.Decl && t.Elem.Same(u.Elem)
}
