package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// Several schemas can describe one value: the branches of an anyOf, a type and what is asserted
// beside it. The value is read as one Go type, which keeps the members that the others describe.

// comparison is a type with a schema that may describe its values too.
type comparison struct {
	schema *parse.Schema
	of     *Type
}

// overlaps finds the variants of a union of which a value may be at once.
func (k *keeper) overlaps(u *Union) {
	for i, v := range u.Variants {
		for j, w := range u.Variants {
			if i != j && w.schema != nil && !disjointVariants(v, w) {
				k.describe(w.schema, v.Type)
			}
		}
	}
}

// describe makes a type keep the members of its values that a schema describes.
func (k *keeper) describe(s *parse.Schema, t *Type) {
	if s == nil || s.Always != nil || t == nil || k.compared[comparison{s, t}] {
		return
	}
	k.compared[comparison{s, t}] = true
	own := *s
	own.Not = nil // it describes nothing that is valid
	for _, of := range applied(&own) {
		k.describe(of, t)
	}
	switch under := t.Underlying(); {
	case under.Union() != nil && under.Union().Sealed():
		for _, v := range under.Union().Variants {
			k.describe(s, v.Type)
		}
	case under.Kind == Nullable:
		k.describe(s, under.Elem)
	case under.Kind == List:
		for _, of := range append(slices.Clone(s.PrefixItems), s.Items, s.Contains, s.UnevaluatedItems) {
			k.describe(of, under.Elem)
		}
	case under.Kind == Map:
		for _, p := range slices.Concat(s.Properties, s.PatternProperties) {
			k.describe(p.Schema, under.Elem)
		}
		k.describe(s.AdditionalProperties, under.Elem)
		k.describe(s.UnevaluatedProperties, under.Elem)
	case under.Struct() != nil && under.Struct().Tuple:
		k.describeItems(s, under.Struct())
	case under.Struct() != nil:
		k.describeMembers(s, under.Struct())
	}
}

func (k *keeper) describeItems(s *parse.Schema, t *Struct) {
	for i, of := range s.PrefixItems {
		if i < len(t.Fields) {
			k.describe(of, t.Fields[i].Type)
		} else {
			k.describe(of, t.Extra)
		}
	}
	for _, of := range []*parse.Schema{s.Items, s.Contains, s.UnevaluatedItems} {
		for _, f := range t.Fields {
			k.describe(of, f.Type)
		}
		k.describe(of, t.Extra)
	}
}

func (k *keeper) describeMembers(s *parse.Schema, t *Struct) {
	for _, p := range s.Properties {
		f := t.field(p.Name)
		switch {
		case slices.Contains(t.Unset, p.Name) || isNothing(p.Schema):
			continue
		case f != nil:
			f.tells = f.tells || p.Schema.Default == nil
			k.describe(p.Schema, f.Type)
			continue
		case t.Unknown == Ignore:
			k.keepUnknown(t)
		}
		k.describe(p.Schema, t.Extra)
	}
	for _, r := range s.Required { // that it is there is said of it
		if t.field(r.Text) == nil && t.Unknown == Ignore && !slices.Contains(t.Unset, r.Text) {
			k.keepUnknown(t)
		}
	}
	for _, of := range othersOf(s) {
		if t.Unknown == Ignore {
			k.keepUnknown(t)
		}
		for _, f := range t.Fields {
			if s.Property(f.JSON) == nil {
				k.describe(of, f.Type)
			}
		}
		k.describe(of, t.Extra)
	}
}

// othersOf are what a schema says of the members that are not among its properties.
func othersOf(s *parse.Schema) []*parse.Schema {
	var out []*parse.Schema
	for _, p := range s.PatternProperties {
		out = append(out, p.Schema)
	}
	for _, of := range []*parse.Schema{s.AdditionalProperties, s.UnevaluatedProperties} {
		if of != nil && of.Always == nil {
			out = append(out, of)
		}
	}
	return out
}
