package model

import (
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// The Go type of what a value has to satisfy.

// goType is the Go type of the values that satisfy a conjunction, with what it asserts.
func (b *builder) goType(c *conjunction, about About) *Type {
	if c.loop {
		return &Type{Kind: JSON}
	}
	b.assertKeywords(c)
	return b.hold(c, b.shape(c, about), about)
}

// shape is the Go type of a conjunction without what it asserts.
func (b *builder) shape(c *conjunction, about About) *Type {
	if c.never != nil {
		b.warnings.Add(c.never.Value, "leave it out, or say what is valid", "no value satisfies false")
		return b.never(c)
	}
	if list := b.shaping(c); list != nil {
		return b.alternatives(c, list, about)
	}
	types, stated := b.types(c)
	values, valued := b.values(c)
	if len(types) == 0 {
		return b.never(c)
	}
	if valued {
		*c.demands = demands{roots: c.demands.roots} // the values are those that are valid
		return b.valueType(c, types, values, about)
	}
	if !stated || everything(types) {
		return b.openType(c, about)
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
	if !c.partial {
		b.warnIneffective(c, types[0])
	}
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

// never is the type of a conjunction that no value satisfies.
func (b *builder) never(c *conjunction) *Type {
	no := false
	c.demands.assert(&parse.Schema{Value: c.at.Value, Always: &no})
	return &Type{Kind: JSON}
}

// openType is the type of what may be of any JSON type: a union whose variants are those that the
// keywords say something of, and one that keeps the JSON of all others.
func (b *builder) openType(c *conjunction, about About) *Type {
	kinds := b.constrainedTypes(c)
	switch {
	case len(kinds) == 0:
		return &Type{Kind: JSON}
	case b.doc.InferType:
		b.warnings.Add(c.at.Value, "add it", "the type %s is inferred from the keywords", strings.Join(kinds, " or "))
		return b.goTypeOf(c, kinds, about)
	}
	c.partial = true
	t := b.typeUnion(c, kinds, about)
	u := t.Union()
	others := slices.DeleteFunc(slices.Clone(allTypes), func(t string) bool { return slices.Contains(kinds, t) })
	u.Variants = append(u.Variants, &Variant{Type: &Type{Kind: JSON}, Others: others, Value: c.at.Value})
	return t
}

// constrainedTypes are the JSON types that the keywords of a conjunction say something of.
func (b *builder) constrainedTypes(c *conjunction) []string {
	var kinds []string
	for _, name := range []string{"object", "array", "string", "number"} {
		if len(c.pick(func(s *parse.Schema) bool { return b.constrainsType(s, name) })) > 0 {
			kinds = append(kinds, name)
		}
	}
	return kinds
}

// constrainsType reports whether a schema says something of the values of one JSON type.
func (b *builder) constrainsType(s *parse.Schema, name string) bool {
	return slices.ContainsFunc(s.Value.Members, func(m source.Member) bool {
		of := forType[m.Name]
		return slices.Contains(constraining, m.Name) && (of == name || of == "integer" && name == "number") && (m.Name != "format" && m.Name != "contentEncoding" || b.asserts(m.Value))
	})
}

// asserts reports whether values are held to a format or an encoding.
func (b *builder) asserts(v *source.Value) bool {
	return !b.doc.Annotate && (v.Token() == "contentEncoding" || formats[v.Text] || v.Text == "date-time" || v.Text == "byte")
}
