package model

import "slices"

// Keywords that say nothing, or too little, about the type that they are beside.

// forType are the keywords that mean something for values of one type only.
var forType = map[string]string{
	"minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number", "multipleOf": "number", "x-dwp-unit": "integer",
	"minLength": "string", "maxLength": "string", "pattern": "string", "format": "string", "contentEncoding": "string",
	"items": "array", "prefixItems": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array", "contains": "array", "unevaluatedItems": "array",
	"properties": "object", "required": "object", "additionalProperties": "object", "unevaluatedProperties": "object",
	"patternProperties": "object", "propertyNames": "object", "minProperties": "object", "maxProperties": "object",
	"dependentRequired": "object", "dependentSchemas": "object", "dependencies": "object", "x-dwp-unknown": "object",
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
