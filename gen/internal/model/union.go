package model

import (
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// Union is a value that is of one of several types.
//
// A Tagged or Untagged union is a sealed interface that each variant's type
// implements; an Ambiguous one is a struct that keeps the JSON, with a method
// AsX for each variant.
type Union struct {
	About
	Kind     UnionKind
	Variants []*Variant
	// Tag is the member whose value names the variant of a Tagged union.
	Tag string
	// Exclusive unions (oneOf) accept a value only if exactly one variant does;
	// others (anyOf) take the first that does.
	Exclusive bool
	// Closed tagged unions refuse unknown tags when decoding; others keep such a
	// value in a carrier, the type Carrier names.
	Closed bool
}

// UnionKind says how the variant of a value is found.
type UnionKind uint8

// How the variant of a value is found.
const (
	// Tagged unions are distinguished by the value of a required member.
	Tagged UnionKind = iota
	// Untagged unions are distinguished by JSON types and required members.
	Untagged
	// Ambiguous unions have variants that no rule distinguishes.
	Ambiguous
)

// Variant is one of the types that a union's value may have.
type Variant struct {
	// Name is what the variant is called: that of its declaration.
	Name string
	// Type is a Named type, so that it can have methods; in an Ambiguous union it is any type.
	Type *Type
	// Tags are the tag's values that mean this variant, strings or numbers.
	Tags []*source.Value
	// JSONTypes are the JSON types that the variant's values have: object,
	// array, string, integer, number, boolean.
	JSONTypes []string
	// Required are the members that an object of this variant must have.
	Required []string
	// Others are the JSON types of a variant that keeps the JSON of what is of none of the other
	// variants' types; null may be one of them.
	Others []string
	Value  *source.Value // its place in the schema
	// schema describes the variant, nil if what the union's own keywords say of a JSON type does.
	schema *parse.Schema
}

// Sealed reports whether the union is an interface.
func (u *Union) Sealed() bool { return u.Kind != Ambiguous }

// Carrier is the name of the type that holds a value of an unknown variant, ""
// if such a value is refused.
func (u *Union) Carrier() string {
	if u.Kind == Tagged && !u.Closed {
		return "Unknown" + u.Name
	}
	return ""
}

// As is the name of the method that decodes a value of an Ambiguous union as a variant.
func (u *Union) As(v *Variant) string {
	if name := strings.TrimPrefix(v.Name, u.Name); name != "" {
		return "As" + name
	}
	return "As" + v.Name
}

// Marker is the name of the method that seals the interface.
func (u *Union) Marker() string { return "is" + u.Name }

// Union returns the union that t names, nil if it names none.
func (t *Type) Union() *Union {
	if t == nil || t.Kind != Named {
		return nil
	}
	u, _ := t.Decl.(*Union)
	return u
}
