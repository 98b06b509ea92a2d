package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// conjunction is what a value has to satisfy at once: a schema with its $ref,
// its allOf and whatever stands beside them, taken apart.
type conjunction struct {
	at *parse.Schema // the schema that it is made of, for positions and names
	// schemas whose own keywords count; their Ref and AllOf have been followed
	atoms []*parse.Schema
	never *parse.Schema // a false schema among them
	loop  bool
	roots []*parse.Schema // the schemas that it was made of
	// demands are shared with the conjunctions that it is taken apart into.
	demands *demands
	// partial is set if keywords say something of some types and others are valid too.
	partial bool
}

// conjoin takes schemas apart that all hold for one value.
func (b *builder) conjoin(at *parse.Schema, schemas ...*parse.Schema) *conjunction {
	c := &conjunction{at: at, roots: schemas, demands: &demands{roots: schemas}}
	for _, s := range schemas {
		b.expand(c, s, nil)
	}
	return c
}

func (b *builder) expand(c *conjunction, s *parse.Schema, path []*parse.Schema) {
	if slices.Contains(path, s) {
		if !c.loop {
			b.problems.Add(s.Value, "move one of the refs into a member, an item or a branch", "the schema refers to itself and says nothing else")
		}
		c.loop = true
		return
	}
	if slices.Contains(c.atoms, s) {
		return
	}
	path = append(path, s)
	if s.Always != nil {
		if !*s.Always && c.never == nil {
			c.never = s
		}
		return
	}
	if s.Ref != nil && s.Ref.Target != nil {
		if s.Ref.Target.Ext.Skip != nil {
			b.leftOut(s, s.Ref.Target)
			return
		}
		b.expand(c, s.Ref.Target, path)
	}
	for _, branch := range s.AllOf {
		b.expand(c, branch, path)
	}
	c.atoms = append(c.atoms, s)
}

// soleRef returns the schema that s refers to if s adds nothing to it: a $ref
// alone, or as the only branch of an allOf.
func soleRef(s *parse.Schema) *parse.Schema {
	if constrains(s) {
		return nil
	}
	switch {
	case s.Ref != nil && len(s.AllOf) == 0:
		return s.Ref.Target
	case s.Ref == nil && len(s.AllOf) == 1:
		return soleRef(s.AllOf[0])
	}
	return nil
}

// constraining are the other keywords: those that change what is valid.
var constraining = []string{
	"type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
	"minLength", "maxLength", "pattern", "format", "contentEncoding",
	"items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems",
	"properties", "required", "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames",
	"minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies",
	"not", "if", "contains", "unevaluatedItems", "anyOf", "oneOf", "x-dwp-unit", "x-dwp-unknown",
}

// constrains reports whether the schema's own keywords, $ref and allOf aside, say what is valid.
func constrains(s *parse.Schema) bool {
	if s.Always != nil {
		return true
	}
	for _, m := range s.Value.Members {
		if slices.Contains(constraining, m.Name) {
			return true
		}
	}
	return false
}

// pick returns the atoms that have a keyword.
func (c *conjunction) pick(has func(*parse.Schema) bool) []*parse.Schema {
	var out []*parse.Schema
	for _, a := range c.atoms {
		if has(a) {
			out = append(out, a)
		}
	}
	return out
}

// closest returns the annotation of the schema itself or else of what it refers to.
func (c *conjunction) closest(get func(*parse.Schema) string) string {
	if s := get(c.at); s != "" {
		return s
	}
	for _, a := range slices.Backward(c.atoms) {
		if s := get(a); s != "" {
			return s
		}
	}
	return ""
}
