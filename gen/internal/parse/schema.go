// Package parse reads JSON Schema as it is written: every keyword with the
// place where it stands, every $ref with the schema that it leads to. It knows
// the dialects and which keywords are supported; it knows nothing of Go.
package parse

import "github.com/xraph/dispatch/gen/internal/source"

// Schema is one schema or subschema as written.
type Schema struct {
	Value *source.Value
	// Always is set for the schemas true (anything is valid) and false (nothing is).
	Always *bool

	Ref  *Ref
	Defs []Named // $defs and definitions

	Title, Description string
	Deprecated         bool
	Default            *source.Value
	Examples           []*source.Value

	Types []string
	Enum  []*source.Value
	Const *source.Value

	Minimum, Maximum                   *source.Value
	ExclusiveMinimum, ExclusiveMaximum *source.Value
	MultipleOf                         *source.Value

	MinLength, MaxLength              *Count
	Pattern                           *source.Value
	Format                            string
	ContentEncoding, ContentMediaType string

	Items              *Schema // of every item after those of PrefixItems
	PrefixItems        []*Schema
	MinItems, MaxItems *Count
	UniqueItems        bool

	Contains                 *Schema
	MinContains, MaxContains *Count
	UnevaluatedItems         *Schema

	Properties                   []Named
	Required                     []*source.Value // strings
	AdditionalProperties         *Schema
	UnevaluatedProperties        *Schema
	PatternProperties            []Named
	PropertyNames                *Schema
	MinProperties, MaxProperties *Count
	DependentRequired            []Dependency
	DependentSchemas             []Named

	AllOf, AnyOf, OneOf []*Schema
	Not, If, Then, Else *Schema
	Discriminator       string // OpenAPI's discriminator.propertyName

	Ext Extension
}

// Named is a subschema with its name.
type Named struct {
	Name   string
	Schema *Schema
}

// Dependency says that the presence of one member requires others.
type Dependency struct {
	Name     string
	Requires []*source.Value // strings
}

// Count is a keyword's integer that is not negative.
type Count struct {
	Value *source.Value
	N     int
}

// Ref is a $ref and the schema that it leads to.
type Ref struct {
	Value  *source.Value
	Target *Schema
}

// Extension is what the x-dwp-* keywords of a schema say.
type Extension struct {
	Target  *source.Value // x-dwp-target: a string
	GoName  *source.Value // x-dwp-go-name: a string
	GoType  *source.Value // x-dwp-go-type: a string
	Prefix  *source.Value // x-dwp-go-prefix: a string
	Unit    *source.Value // x-dwp-unit: a string
	Unknown *source.Value // x-dwp-unknown: "ignore", "keep" or "reject"
	Skip    *source.Value // x-dwp-skip: the reason
	Unset   bool          // x-dwp-unset
	Closed  bool          // x-dwp-closed
	Values  []EnumValue   // x-dwp-values
	Events  []Event       // x-dwp-events
}

// EnumValue is an entry of x-dwp-values.
type EnumValue struct {
	Value       *source.Value
	Name        string
	Go          *source.Value
	Description string
}

// Event is an entry of x-dwp-events.
type Event struct {
	Value       *source.Value
	Type        string
	Go          *source.Value
	Payload     *Schema
	Description string
}

// Property returns the subschema of a property, nil if there is none.
func (s *Schema) Property(name string) *Schema {
	for _, p := range s.Properties {
		if p.Name == name {
			return p.Schema
		}
	}
	return nil
}

// Keyword returns the value of a keyword, for its position; the schema's own
// value if the keyword is not there.
func (s *Schema) Keyword(name string) *source.Value {
	if v := s.Value.Member(name); v != nil {
		return v
	}
	return s.Value
}

// Has reports whether the schema has a keyword.
func (s *Schema) Has(name string) bool { return s.Value.Member(name) != nil }
