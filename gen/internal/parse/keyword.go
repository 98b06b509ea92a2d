package parse

import (
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// keyword reads one keyword's value into a schema.
type keyword func(d *document, s *Schema, v *source.Value)

// keywords are the supported keywords of a schema. A nil reader is
// for what says nothing about the Go that comes out, or is read elsewhere.
var keywords map[string]keyword

func init() { //nolint:gochecknoinits,funlen // the table's readers call the reader of schemas, which reads the table
	keywords = map[string]keyword{
		"$schema": nil, "$id": nil, "id": nil, "$comment": nil, "$anchor": nil, "$vocabulary": nil, "$ref": nil,
		"readOnly": nil, "writeOnly": nil, "contentSchema": nil,

		"$defs":       func(d *document, s *Schema, v *source.Value) { s.Defs = append(s.Defs, d.namedSchemas(v)...) },
		"definitions": func(d *document, s *Schema, v *source.Value) { s.Defs = append(s.Defs, d.namedSchemas(v)...) },

		"title":       func(d *document, s *Schema, v *source.Value) { s.Title = d.text(v) },
		"description": func(d *document, s *Schema, v *source.Value) { s.Description = d.text(v) },
		"deprecated":  func(d *document, s *Schema, v *source.Value) { s.Deprecated = d.truth(v) },
		"default":     func(_ *document, s *Schema, v *source.Value) { s.Default = v },
		"examples":    func(d *document, s *Schema, v *source.Value) { s.Examples = d.array(v) },

		"type":  func(d *document, s *Schema, v *source.Value) { s.Types = d.types(v) },
		"enum":  func(d *document, s *Schema, v *source.Value) { s.Enum = d.enum(v) },
		"const": func(_ *document, s *Schema, v *source.Value) { s.Const = v },

		"minimum":          func(d *document, s *Schema, v *source.Value) { s.Minimum = d.number(v) },
		"maximum":          func(d *document, s *Schema, v *source.Value) { s.Maximum = d.number(v) },
		"exclusiveMinimum": (*document).exclusive,
		"exclusiveMaximum": (*document).exclusive,
		"multipleOf":       func(d *document, s *Schema, v *source.Value) { s.MultipleOf = d.positive(v) },

		"minLength":        func(d *document, s *Schema, v *source.Value) { s.MinLength = d.count(v) },
		"maxLength":        func(d *document, s *Schema, v *source.Value) { s.MaxLength = d.count(v) },
		"pattern":          (*document).pattern,
		"format":           func(d *document, s *Schema, v *source.Value) { s.Format = d.text(v) },
		"contentEncoding":  func(d *document, s *Schema, v *source.Value) { s.ContentEncoding = d.text(v) },
		"contentMediaType": func(d *document, s *Schema, v *source.Value) { s.ContentMediaType = d.text(v) },

		"items":           (*document).items,
		"additionalItems": (*document).additionalItems,
		"prefixItems":     func(d *document, s *Schema, v *source.Value) { s.PrefixItems = d.list(v) },
		"minItems":        func(d *document, s *Schema, v *source.Value) { s.MinItems = d.count(v) },
		"maxItems":        func(d *document, s *Schema, v *source.Value) { s.MaxItems = d.count(v) },
		"uniqueItems":     func(d *document, s *Schema, v *source.Value) { s.UniqueItems = d.truth(v) },

		"properties":            func(d *document, s *Schema, v *source.Value) { s.Properties = d.namedSchemas(v) },
		"required":              (*document).required,
		"additionalProperties":  func(d *document, s *Schema, v *source.Value) { s.AdditionalProperties = d.schema(v) },
		"unevaluatedProperties": func(d *document, s *Schema, v *source.Value) { s.UnevaluatedProperties = d.schema(v) },
		"patternProperties":     (*document).patternProperties,
		"propertyNames":         func(d *document, s *Schema, v *source.Value) { s.PropertyNames = d.schema(v) },
		"minProperties":         func(d *document, s *Schema, v *source.Value) { s.MinProperties = d.count(v) },
		"maxProperties":         func(d *document, s *Schema, v *source.Value) { s.MaxProperties = d.count(v) },
		"dependentRequired":     (*document).dependencies,
		"dependencies":          (*document).dependencies,

		"allOf": func(d *document, s *Schema, v *source.Value) { s.AllOf = d.branches(v) },
		"anyOf": func(d *document, s *Schema, v *source.Value) { s.AnyOf = d.branches(v) },
		"oneOf": func(d *document, s *Schema, v *source.Value) { s.OneOf = d.branches(v) },

		"not":  func(d *document, s *Schema, v *source.Value) { s.Not = d.schema(v) },
		"if":   func(d *document, s *Schema, v *source.Value) { s.If = d.schema(v) },
		"then": func(d *document, s *Schema, v *source.Value) { s.Then = d.schema(v) },
		"else": func(d *document, s *Schema, v *source.Value) { s.Else = d.schema(v) },

		"contains":         func(d *document, s *Schema, v *source.Value) { s.Contains = d.schema(v) },
		"minContains":      func(d *document, s *Schema, v *source.Value) { s.MinContains = d.count(v) },
		"maxContains":      func(d *document, s *Schema, v *source.Value) { s.MaxContains = d.count(v) },
		"unevaluatedItems": func(d *document, s *Schema, v *source.Value) { s.UnevaluatedItems = d.schema(v) },
		"dependentSchemas": func(d *document, s *Schema, v *source.Value) {
			s.DependentSchemas = append(s.DependentSchemas, d.namedSchemas(v)...)
		},

		"discriminator": (*document).discriminator,

		"x-dwp-target":    func(d *document, s *Schema, v *source.Value) { s.Ext.Target = d.oneOf(v, "client", "wire") },
		"x-dwp-go-name":   func(d *document, s *Schema, v *source.Value) { s.Ext.GoName = d.identifier(v) },
		"x-dwp-go-type":   func(d *document, s *Schema, v *source.Value) { s.Ext.GoType = d.oneOf(v, "string") },
		"x-dwp-go-prefix": func(d *document, s *Schema, v *source.Value) { s.Ext.Prefix = d.identifier(v) },
		"x-dwp-unit":      func(d *document, s *Schema, v *source.Value) { s.Ext.Unit = d.oneOf(v, "ns", "us", "ms", "s") },
		"x-dwp-unknown":   func(d *document, s *Schema, v *source.Value) { s.Ext.Unknown = d.oneOf(v, "ignore", "keep", "reject") },
		"x-dwp-skip":      func(d *document, s *Schema, v *source.Value) { s.Ext.Skip = d.reason(v) },
		"x-dwp-unset":     func(d *document, s *Schema, v *source.Value) { s.Ext.Unset = d.truth(v) },
		"x-dwp-closed":    func(d *document, s *Schema, v *source.Value) { s.Ext.Closed = d.truth(v) },
		"x-dwp-unchecked": func(d *document, _ *Schema, v *source.Value) { d.uncheckable(v) },
		"x-dwp-values":    (*document).enumValues,
		"x-dwp-events":    (*document).events,
	}
}

// refused are the keywords of the dialects that no Go type can represent, with
// what to write instead.
var refused = map[string]string{
	"$dynamicRef":      "use $ref",
	"$dynamicAnchor":   "use $anchor",
	"$recursiveRef":    "use $ref",
	"$recursiveAnchor": "use $anchor",
	"extends":          "use allOf",
	"disallow":         "use not",
	"divisibleBy":      "use multipleOf",
}

// onlyIn limits a keyword to dialects; elsewhere it is an annotation of no dialect.
var onlyIn = map[string]func(Dialect) bool{
	"id":                    func(d Dialect) bool { return d == Draft4 },
	"prefixItems":           func(d Dialect) bool { return d == Draft2020 },
	"additionalItems":       Dialect.arrayItems,
	"dependencies":          func(d Dialect) bool { return d >= Draft7 },
	"dependentRequired":     func(d Dialect) bool { return d <= Draft2019 },
	"dependentSchemas":      func(d Dialect) bool { return d <= Draft2019 },
	"unevaluatedItems":      func(d Dialect) bool { return d <= Draft2019 },
	"unevaluatedProperties": func(d Dialect) bool { return d <= Draft2019 },
	"$dynamicRef":           func(d Dialect) bool { return d == Draft2020 },
	"$dynamicAnchor":        func(d Dialect) bool { return d == Draft2020 },
	"$recursiveRef":         func(d Dialect) bool { return d == Draft2019 },
	"$recursiveAnchor":      func(d Dialect) bool { return d == Draft2019 },
	"minContains":           func(d Dialect) bool { return d <= Draft2019 },
	"maxContains":           func(d Dialect) bool { return d <= Draft2019 },
	"if":                    func(d Dialect) bool { return d <= Draft7 },
	"then":                  func(d Dialect) bool { return d <= Draft7 },
	"else":                  func(d Dialect) bool { return d <= Draft7 },
	"const":                 func(d Dialect) bool { return d <= Draft6 },
	"contains":              func(d Dialect) bool { return d <= Draft6 },
	"propertyNames":         func(d Dialect) bool { return d <= Draft6 },
	"extends":               func(Dialect) bool { return false },
	"disallow":              func(Dialect) bool { return false },
	"divisibleBy":           func(Dialect) bool { return false },
}

// rootKeywords are allowed at the root of the main document only.
var rootKeywords = map[string]bool{
	"x-dwp-methods": true, "x-dwp-errors": true, "x-dwp-scopes": true, "x-dwp-channels": true,
}

// read applies one member of a schema object.
func (d *document) read(s *Schema, name string, v *source.Value) {
	inDialect := onlyIn[name] == nil || onlyIn[name](d.dialect)
	read, known := keywords[name]
	hint, no := refused[name]
	switch {
	case known && inDialect:
		if read != nil {
			read(d, s, v)
		}
	case no && inDialect:
		d.problems.Add(v, hint, "the keyword %s is not supported", name)
	case rootKeywords[name]:
		if s.Value != d.file.Root {
			d.problems.Add(v, "move it to the root of the schema", "%s is used in a subschema", name)
		}
	case strings.HasPrefix(name, "x-dwp-"):
		d.problems.Add(v, "the vocabulary has "+nearest(name), "the keyword %s is not of the vocabulary", name)
	default:
		d.annotations.Add(v, "", "the keyword %s is not part of a dialect and is taken for an annotation", name)
	}
}
