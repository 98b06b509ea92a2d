// Package model is the protocol in the shape of Go: resolved, named, checked,
// with every decision made that printing needs, and no idea of how it prints.
//
// Build turns a parsed schema into a Model or says everything that is wrong
// with it. A Model is complete: any target can be printed from it.
package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/source"
)

// Model is everything that a schema declares.
type Model struct {
	Title, Description string
	// Decls are the type declarations, in the order of the schema; a type that
	// stands inside another follows it.
	Decls []Decl
	// Protocol is empty for a schema of types alone.
	Protocol Protocol
	// Skipped are the definitions and members that are left out.
	Skipped []Omission
	// Schemas are those that values are held to beside their types, as package validate reads them;
	// "" if there are none.
	Schemas string
	// Warnings are not errors.
	Warnings source.Problems
}

// Omission is a schema for which there is no Go.
type Omission struct {
	Value  *source.Value // its place
	Reason string
}

// Target is where a declaration goes.
type Target uint8

// The targets of declarations.
const (
	Client Target = iota
	Wire
)

// Decl is a type declaration: *Struct, *Enum, *Union or *Defined.
type Decl interface {
	// Info is what all declarations have.
	Info() *About
}

// About is the name of a declaration and where it comes from.
type About struct {
	Name        string // the Go identifier
	Schema      string // the name in the schema, "" for a type that is nested in another
	Title       string
	Description string
	Deprecated  bool
	// Nullable definitions allow null too. Their type does not: a reference to one
	// has a pointer, or an interface that may be nil.
	Nullable bool
	Target   Target
	Given    *source.Value   // the name that the schema or the overlay gives, nil if it is by rule
	Value    *source.Value   // its place in the schema
	Examples []*source.Value // documents that are valid
	// Synthetic is set if the declaration is not all that the schema at Value says: a type of a
	// list of types, a branch with its siblings, a merger of several schemas.
	Synthetic bool
	// Assertion is the number of the schema in Model.Schemas, counted from 1, that values are held
	// to beside their type; 0 is none.
	Assertion int
}

// Info returns a itself, so that embedding About makes a declaration.
func (a *About) Info() *About { return a }

// Pointer is the JSON pointer of the declaration's schema.
func (a *About) Pointer() string { return a.Value.Pointer() }

// Struct is an object with known members.
type Struct struct {
	About
	Fields []*Field
	// Unset are the names of the members that are never set, which have no field.
	Unset []string
	// Omitted are the names of the members that are left out: they are unknown members.
	Omitted []string
	// Unknown says what happens to members that have no field.
	Unknown Unknown
	// Extra is the type of unknown members where they are kept, else nil.
	Extra *Type
	// Request is set if the struct is sent and not received: its free-form members are of type any.
	Request bool
	// Tuple structs are arrays in JSON: their fields are the first items, in
	// order, and Extra is the type of those after them.
	Tuple bool
	// Dependent are the members that the presence of another requires.
	Dependent []Dependency
	Checks    Checks
	// ignores is where the schema says that unknown members are ignored, nil if it does not.
	ignores *source.Value
}

// Dropped are the names of the members without a field that are read and dropped, though unknown
// members are refused or kept: those that are never set, and those that are left out and that no
// value of Extra holds.
func (s *Struct) Dropped() []string {
	switch {
	case s.Unknown == Ignore:
		return nil
	case s.Extra != nil && s.Extra.Kind == JSON:
		return s.Unset
	}
	return slices.Concat(s.Unset, s.Omitted)
}

// Dependency says that a member requires others, by their names in JSON.
type Dependency struct {
	Member   string
	Requires []string
}

// Unknown says what happens to members that the schema does not name.
type Unknown uint8

// What happens to unknown members.
const (
	Ignore Unknown = iota
	Keep
	Reject
)

// Enum is a string or integer type with known values.
type Enum struct {
	About
	// Base is String or Int.
	Base   *Type
	Values []*EnumValue
	// Closed enums refuse unknown values when decoding; others keep them.
	Closed bool
	// Open enums merely name some values: every other one is valid too.
	Open bool
}

// EnumValue is a value of an enum.
type EnumValue struct {
	Pinned      bool   // the schema gives the name
	Name        string // the Go constant
	Value       *source.Value
	Description string
}

// Defined is a named type of anything that is neither struct nor enum nor union.
type Defined struct {
	About
	Type *Type
}
