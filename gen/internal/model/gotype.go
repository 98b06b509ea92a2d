package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// The Go type of what a value has to satisfy.

// goType is the Go type of the values that satisfy a conjunction.
func (b *builder) goType(c *conjunction, about About) *Type {
	if c.loop {
		return &Type{Kind: JSON}
	}
	if c.never != nil {
		b.problems.Add(c.never.Value, "leave it out, or say what is valid", "no value satisfies false")
		return &Type{Kind: JSON}
	}
	if branches := c.pick(func(s *parse.Schema) bool { return len(s.OneOf) > 0 || len(s.AnyOf) > 0 }); len(branches) > 0 {
		return b.alternatives(c, branches, about)
	}
	types, stated := b.types(c)
	values, valued := b.values(c)
	if len(types) == 0 {
		return &Type{Kind: JSON}
	}
	if !stated && !valued {
		b.requireType(c)
		return &Type{Kind: JSON}
	}
	if valued {
		return b.valueType(c, types, values, about)
	}
	if everything(types) {
		b.requireType(c)
		return &Type{Kind: JSON}
	}
	if i := slices.Index(types, "null"); i >= 0 && len(types) > 1 {
		b.expectNull(c)
		t := b.goTypeOf(c, slices.Delete(slices.Clone(types), i, i+1), about)
		return nullable(t)
	}
	return b.goTypeOf(c, types, about)
}

// expectNull notes that a definition allows null before its type is resolved,
// which may refer to the definition.
func (b *builder) expectNull(c *conjunction) {
	if _, ok := b.definitions[c.at]; ok {
		b.nullable[c.at] = true
	}
}

func nullable(t *Type) *Type {
	if t.Kind == Nullable || t.Kind == NullOnly || t.Kind == JSON {
		return t
	}
	return &Type{Kind: Nullable, Elem: t}
}

func (b *builder) goTypeOf(c *conjunction, types []string, about About) *Type {
	if len(types) > 1 {
		return b.typeUnion(c, types, about)
	}
	b.warnIneffective(c, types[0])
	switch types[0] {
	case "null":
		return &Type{Kind: NullOnly}
	case "boolean":
		return &Type{Kind: Bool}
	case "integer":
		return b.integer(c)
	case "number":
		return b.float(c)
	case "string":
		return b.text(c)
	case "array":
		return b.array(c, about)
	}
	return b.object(c, about)
}
