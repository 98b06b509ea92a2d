package model

import (
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// The JSON types that a value may have.

var allTypes = []string{"array", "boolean", "null", "number", "object", "string"}

func everything(types []string) bool {
	for _, t := range allTypes {
		if !slices.Contains(types, t) {
			return false
		}
	}
	return true
}

// types are the JSON types that a value may have, and whether any schema says so.
func (b *builder) types(c *conjunction) (types []string, stated bool) {
	types = allTypes
	var by *parse.Schema
	for _, a := range c.atoms {
		if len(a.Types) == 0 {
			continue
		}
		both := intersect(types, a.Types)
		if len(both) == 0 && by != nil {
			b.warnings.Add(a.Keyword("type"), "no value is both", "the type %s contradicts %s, which says %s",
				strings.Join(a.Types, " or "), by.Keyword("type").Pointer(), strings.Join(types, " or "))
			return nil, true
		}
		types, by, stated = both, a, true
	}
	return types, stated
}

// intersect keeps what both lists allow; an integer is a number.
func intersect(a, b []string) []string {
	var out []string
	for _, t := range a {
		switch {
		case slices.Contains(b, t):
			out = append(out, t)
		case t == "integer" && slices.Contains(b, "number"), t == "number" && slices.Contains(b, "integer"):
			out = append(out, "integer")
		}
	}
	return out
}

// jsonTypes are the JSON types of a type's values.
func jsonTypes(t *Type) []string { return typesWithin(t, nil) }

// typesWithin is jsonTypes in the variants of some unions, which may be variants of themselves.
func typesWithin(t *Type, path []*Union) []string {
	switch u := t.Underlying(); u.Kind {
	case Bool:
		return []string{"boolean"}
	case Int, Duration:
		return []string{"integer"}
	case Float:
		return []string{"number"}
	case String, Bytes, Time:
		return []string{"string"}
	case List:
		return []string{"array"}
	case Map:
		return []string{"object"}
	case Named:
		switch d := u.Decl.(type) {
		case *Struct:
			if d.Tuple {
				return []string{"array"}
			}
			return []string{"object"}
		case *Enum:
			return jsonTypes(d.Base)
		case *Union:
			var all []string
			if slices.Contains(path, d) {
				return nil
			}
			for _, v := range d.Variants {
				if v.Others != nil {
					all = append(all, v.Others...)
				} else {
					all = append(all, typesWithin(v.Type, append(path, d))...)
				}
			}
			return all
		}
	default: // any
	}
	return []string{"array", "boolean", "integer", "number", "object", "string"}
}
