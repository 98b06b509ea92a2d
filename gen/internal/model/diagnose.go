package model

import (
	"fmt"
	"slices"
)

// Keywords that say nothing, or too little, about the type that they are beside.

// forType are the keywords that mean something for values of one type only.
var forType = map[string]string{
	"minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number", "multipleOf": "number", "x-dwp-unit": "integer",
	"minLength": "string", "maxLength": "string", "pattern": "string", "format": "string", "contentEncoding": "string",
	"items": "array", "prefixItems": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array",
	"properties": "object", "required": "object", "additionalProperties": "object", "unevaluatedProperties": "object",
	"patternProperties": "object", "propertyNames": "object", "minProperties": "object", "maxProperties": "object",
	"dependentRequired": "object", "dependencies": "object", "x-dwp-unknown": "object",
}

// requireType reports the keywords of a schema that names no type: they say
// something about the values of one type and let all others pass.
func (b *builder) requireType(c *conjunction) {
	for _, a := range c.atoms {
		for _, m := range a.Value.Members {
			if t := forType[m.Name]; t != "" && slices.Contains(constraining, m.Name) {
				b.problems.Add(m.Value, fmt.Sprintf(`add "type": %q`, t), "%s constrains one type where any type is valid", m.Name)
				return
			}
		}
	}
}

// warnIneffective reports the keywords that mean nothing for a type.
func (b *builder) warnIneffective(c *conjunction, t string) {
	for _, a := range c.atoms {
		for _, m := range a.Value.Members {
			want := forType[m.Name]
			if want == "" || want == t || slices.Contains(a.Types, want) || want == "number" && t == "integer" || m.Name == "format" && (t == "integer" || t == "number") {
				continue
			}
			b.warnings.Add(m.Value, "remove it", "%s means nothing for the type %s", m.Name, t)
		}
	}
}
