package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// resolve returns the Go type of a schema. name is what a declaration is called
// if the schema is nested in another and needs one.
func (b *builder) resolve(s *parse.Schema, name string, target Target) *Type {
	if s.Ext.GoType != nil {
		return b.plainString(s)
	}
	if _, ok := b.definitions[s]; ok {
		return b.definedType(s)
	}
	if d := b.decls[s]; d != nil {
		return b.wrapNull(s, &Type{Kind: Named, Decl: d})
	}
	if t := soleRef(s); t != nil {
		if t.Ext.Skip != nil {
			b.leftOut(s, t)
			return &Type{Kind: JSON}
		}
		return b.resolve(t, b.placeName(t), target)
	}
	if b.open[s] {
		b.problems.Add(s.Value, "make it a definition under $defs", "the schema contains itself and has no name")
		return &Type{Kind: JSON}
	}
	b.open[s] = true
	defer delete(b.open, s)
	about := b.about(s, name)
	about.Target = target
	if s.Ext.GoName != nil {
		about.Name = s.Ext.GoName.Text
	}
	return b.goType(b.conjoin(s, s), about)
}

// definedType is the type that a ref to a definition is.
func (b *builder) definedType(s *parse.Schema) *Type {
	t := &Type{Kind: Named, Decl: b.define(s)}
	if b.open[s] {
		// It refers to itself, and whether it may be null is not known yet.
		b.waiting[s] = append(b.waiting[s], t)
		return t
	}
	return b.wrapNull(s, t)
}

func (b *builder) wrapNull(s *parse.Schema, t *Type) *Type {
	if b.nullable[s] {
		return &Type{Kind: Nullable, Elem: t}
	}
	return t
}

// declare makes the declaration of a definition.
func (b *builder) declare(about About, s *parse.Schema) Decl {
	if t := soleRef(s); t != nil || b.isOther(s) {
		d := &Defined{About: about}
		b.add(s, d)
		if t != nil {
			if refersToItself(s) {
				b.problems.Add(s.Value, "move one of the refs into a member, an item or a branch", "the schema refers to itself and says nothing else")
				d.Type = &Type{Kind: JSON}
				return d
			}
			if t.Ext.Skip != nil {
				b.leftOut(s, t)
				d.Type = &Type{Kind: JSON}
				return d
			}
			d.Type = b.resolve(t, b.placeName(t), about.Target)
			b.hoistNull(s, d)
			return d
		}
		d.Type = b.goType(b.conjoin(s, s), about)
		b.hoistNull(s, d)
		return d
	}
	t := b.goType(b.conjoin(s, s), about)
	if t.Kind == Nullable {
		b.nullable[s] = true
		t = t.Elem
	}
	about.Nullable = b.nullable[s]
	if t.Kind == Named && b.decls[s] == t.Decl {
		t.Decl.Info().Nullable = about.Nullable
		return t.Decl
	}
	d := &Defined{About: about, Type: t}
	b.add(s, d)
	return d
}

// refersToItself reports whether one ref after the other leads from a schema back to it.
func refersToItself(s *parse.Schema) bool {
	seen := map[*parse.Schema]bool{}
	for t := soleRef(s); t != nil && !seen[t]; t = soleRef(t) {
		if t == s {
			return true
		}
		seen[t] = true
	}
	return false
}

// hoistNull moves the null of a definition's type to those who refer to it: a
// named pointer type could have no methods.
func (b *builder) hoistNull(s *parse.Schema, d *Defined) {
	if d.Type.Kind == Nullable {
		b.nullable[s], d.Nullable = true, true
		d.Type = d.Type.Elem
	}
}

// resolveAliases makes every type that names an alias name the alias's target.
func (b *builder) resolveAliases() {
	for _, d := range b.model.Decls {
		for _, t := range Uses(d) {
			for ; t != nil; t = t.Elem {
				for t.Kind == Named {
					other, ok := t.Decl.(*Defined)
					if !ok || other.Type == nil || other.Type.Kind != Named || other.Type.Decl == t.Decl {
						break
					}
					t.Decl = other.Type.Decl
				}
			}
		}
	}
}

// isOther reports whether a definition is neither struct nor enum nor union.
// Such a declaration has to exist before its type is resolved, because the
// type may contain the declaration.
func (b *builder) isOther(s *parse.Schema) bool {
	c := &conjunction{at: s}
	quiet := &builder{obeyed: map[*source.Value]bool{}}
	quiet.expand(c, s, nil)
	if stated := c.pick(func(a *parse.Schema) bool { return len(a.Types) > 0 }); len(stated) == 0 && len(b.constrainedTypes(c)) > 0 {
		return false
	}
	for _, a := range c.atoms {
		if a.Enum != nil || a.Const != nil || len(a.OneOf) > 0 || len(a.AnyOf) > 0 ||
			len(a.Properties) > 0 || len(a.Required) > 0 || len(a.PrefixItems) > 0 || len(a.DependentRequired) > 0 {
			return false
		}
		if n := len(a.Types); n > 2 || n == 2 && !slices.Contains(a.Types, "null") {
			return false
		}
	}
	return true
}

// plainString is the type of what x-dwp-go-type says is a string.
func (b *builder) plainString(s *parse.Schema) *Type {
	t := &Type{Kind: String}
	c := b.conjoin(s, s)
	values, _ := b.values(c)
	for _, v := range values {
		if v.Kind != source.String {
			b.problems.Add(s.Ext.GoType, "remove x-dwp-go-type", "%s is not a string", v.JSON())
		}
		if v.Text == "" {
			return t
		}
	}
	if values != nil {
		one := 1
		t.Checks.MinLength = &one
	}
	return t
}
