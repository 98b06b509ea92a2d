package model

import "github.com/xraph/dispatch/gen/internal/source"

// Presence says how a field represents an absent member, and what the
// Go type around Field.Type is.
type Presence uint8

// The ways to represent an absent member.
const (
	// Always is a member that is always present: the field is of the plain type.
	Always Presence = iota
	// OmitEmpty is a plain field whose empty value (zero, or of no length) is absent.
	OmitEmpty
	// OmitZero is a time whose zero value is absent.
	OmitZero
	// Pointer is a pointer that is nil when the member is absent.
	Pointer
	// Carrier is a member that may be absent, null or a value: codec.Optional.
	Carrier
	// Fixed is a member with one value, which the encoder writes and the
	// decoder checks: it has no field.
	Fixed
)

// Field is a member of an object.
type Field struct {
	Name        string // the Go identifier
	JSON        string // the member's name
	Param       string // what a parameter for it is called
	Description string
	Deprecated  bool
	Type        *Type
	Presence    Presence
	Required    bool
	// Indirect fields are pointers because the struct would contain itself.
	Indirect bool
	Default  *source.Value
	// tells is set if an absent member is not one that has its default.
	tells bool
	// Pinned names are given by the schema.
	Pinned bool
	Value  *source.Value // its place in the schema
}
