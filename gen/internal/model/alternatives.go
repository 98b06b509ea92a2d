package model

import (
	"slices"
	"strconv"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// alternatives is the type of what satisfies a oneOf or an anyOf, and whatever
// stands beside it.
func (b *builder) alternatives(c *conjunction, list *choice, about About) *Type {
	if b.choosing[list.holder] {
		b.problems.Add(list.holder.Value, "move one of the refs into a member or an item", "the alternatives are among their own siblings")
		return &Type{Kind: JSON}
	}
	b.choosing[list.holder] = true
	defer delete(b.choosing, list.holder)
	base := b.base(c)
	null := allowsNull(nil, c.roots...)
	if null {
		b.expectNull(c)
	}
	var kept []*parse.Schema
	for _, branch := range list.branches {
		if !isNull(branch) && !b.impossible(3, append(slices.Clone(base), branch)...) {
			kept = append(kept, branch)
		}
	}
	if len(kept) == 0 && !null {
		b.warnings.Add(list.holder.Value, "change the branches, or what is beside them", "no value satisfies a branch and what is beside it")
		return b.never(c)
	}
	t := b.choose(c, kept, base, list.exclusive, about)
	if t.Kind == Nullable && !null {
		t = t.Elem
	}
	if !null {
		if takesNull(t, nil) {
			c.demands.assert(list.part())
		}
		return t
	}
	if t = nullable(t); t.Kind != Nullable {
		delete(b.nullable, c.at) // it is null itself
	}
	return t
}

// takesNull reports whether null is among the values of a type that is not nullable. path are the
// unions that are being asked.
func takesNull(t *Type, path []*Union) bool {
	t = t.Underlying()
	u := t.Union()
	if u == nil || slices.Contains(path, u) {
		return t.Kind == JSON || t.Kind == NullOnly
	}
	path = append(slices.Clone(path), u)
	return slices.ContainsFunc(u.Variants, func(v *Variant) bool {
		return slices.Contains(v.Others, "null") || v.Others == nil && takesNull(v.Type, path)
	})
}

// isNull reports whether a schema allows null and nothing else.
func isNull(s *parse.Schema) bool {
	switch {
	case s.Ref != nil || len(s.AllOf) > 0:
		return false
	case s.Const != nil:
		return s.Const.Kind == source.Null
	case len(s.Enum) == 1:
		return s.Enum[0].Kind == source.Null
	}
	return len(s.Types) == 1 && s.Types[0] == "null"
}

// base are the siblings of the alternatives, which constrain every branch. What is asserted is
// asserted of all branches at once.
func (b *builder) base(c *conjunction) []*parse.Schema {
	var out []*parse.Schema
	for _, a := range c.atoms {
		if slices.ContainsFunc(a.Value.Members, func(m source.Member) bool {
			return !slices.Contains(besideTypes, m.Name) && slices.Contains(constraining, m.Name)
		}) {
			own := *a
			own.Ref, own.AllOf, own.OneOf, own.AnyOf = nil, nil, nil, nil
			own.Not, own.If, own.Contains, own.DependentSchemas, own.UnevaluatedItems, own.UnevaluatedProperties = nil, nil, nil, nil, nil, nil
			out = append(out, &own)
		}
	}
	return out
}

// besideTypes are the keywords that do not shape a type: alternatives, and what is asserted.
var besideTypes = []string{"oneOf", "anyOf", "not", "if", "contains", "minContains", "maxContains", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"}

// choose makes a type of the branches that are not null.
func (b *builder) choose(c *conjunction, branches, base []*parse.Schema, exclusive bool, about About) *Type {
	if len(branches) == 0 {
		return &Type{Kind: NullOnly}
	}
	if c.demands.none() {
		if t := b.choiceOfValues(c, branches, base, exclusive, about); t != nil {
			return t
		}
	}
	if len(branches) == 1 {
		return b.only(c, branches[0], base, about)
	}
	u := &Union{About: about, Exclusive: exclusive, Closed: c.at.Ext.Closed}
	b.add(c.at, u)
	for i, branch := range branches {
		name := branchName(about.Name, branch, i)
		t := b.branch(branch, base, name, about.Target)
		if t.Kind == Nullable {
			t = t.Elem // whether null is valid is known already
		}
		u.Variants = append(u.Variants, &Variant{Type: t, Value: branch.Value, schema: branch})
	}
	b.unions = append(b.unions, u)
	return &Type{Kind: Named, Decl: u}
}

// only is the type of a branch that has no alternative but null: it holds as if it
// stood in an allOf, so that a definition made of it can refer to itself.
func (b *builder) only(c *conjunction, s *parse.Schema, base []*parse.Schema, about About) *Type {
	if c.demands.none() && soleRef(s) != nil || s.Ext.GoType != nil || s.Ext.Skip != nil {
		return b.branch(s, base, about.Name, about.Target)
	}
	if about.Title == "" && about.Description == "" {
		about.Title, about.Description = s.Title, s.Description
	}
	one := b.conjoin(c.at, append(slices.Clone(base), s)...)
	one.demands = c.demands
	if one.loop {
		return &Type{Kind: JSON}
	}
	b.assertKeywords(one)
	return b.shape(one, about)
}

// branch is the type of a branch with the siblings of the alternatives.
func (b *builder) branch(s *parse.Schema, base []*parse.Schema, name string, target Target) *Type {
	if s.Ext.Skip != nil {
		b.obeyed[s.Ext.Skip] = true
		b.problems.Add(s.Ext.Skip, "remove the branch", "a branch cannot be left out")
	}
	if len(base) == 0 || impliedBy(base, s) {
		return b.resolve(s, name, target)
	}
	return b.resolveAll(append(slices.Clone(base), s), name, target)
}

// impliedBy reports whether base only repeats the type that a branch, or what it refers to, has.
func impliedBy(base []*parse.Schema, s *parse.Schema) bool {
	for range 16 {
		t := soleRef(s)
		if t == nil {
			break
		}
		s = t
	}
	if len(s.Types) == 0 {
		return false
	}
	for _, a := range base {
		for _, m := range a.Value.Members {
			if m.Name != "type" && !slices.Contains(besideTypes, m.Name) && slices.Contains(constraining, m.Name) {
				return false
			}
		}
		if len(a.Types) > 0 && len(intersect(s.Types, a.Types)) != len(s.Types) {
			return false
		}
	}
	return true
}

// branchName is what a branch without a name of its own is called: by its
// title, the one value of a member, its type, or its number.
func branchName(union string, s *parse.Schema, i int) string {
	if s.Title != "" && len(words(s.Title)) <= 3 && Exported(s.Title) != "" {
		return union + Exported(s.Title)
	}
	for _, p := range s.Properties {
		v := p.Schema.Const
		if v == nil && len(p.Schema.Enum) == 1 {
			v = p.Schema.Enum[0]
		}
		if v != nil && v.Kind == source.String && Exported(v.Text) != "" {
			return union + Exported(v.Text)
		}
	}
	if len(s.Types) == 1 && s.Types[0] != "object" {
		return union + typeTitles[s.Types[0]]
	}
	return union + "Variant" + strconv.Itoa(i+1)
}

var typeTitles = map[string]string{
	"array": "List", "boolean": "Bool", "integer": "Int", "number": "Number", "object": "Object", "string": "String",
}

// choiceOfValues is the enum that alternatives are whose branches are values,
// nil if they are something else. An anyOf with a branch of any string beside
// them says that the values are not all there are.
func (b *builder) choiceOfValues(c *conjunction, branches, base []*parse.Schema, exclusive bool, about About) *Type {
	var values []*source.Value
	var described []parse.EnumValue
	open := false
	for _, s := range branches {
		if s.Ref != nil || len(s.AllOf) > 0 || len(s.OneOf) > 0 || len(s.AnyOf) > 0 {
			return nil
		}
		switch {
		case s.Const != nil && s.Const.Kind == source.String:
			values = append(values, s.Const)
			e := parse.EnumValue{Value: s.Value, Name: s.Const.Text, Description: s.Description}
			if e.Description == "" {
				e.Description = s.Title
			}
			if s.Ext.GoName != nil {
				e.Go = s.Ext.GoName
				b.obeyed[s.Ext.GoName] = true
			}
			described = append(described, e)
		case len(s.Enum) > 0 && s.Enum[0].Kind == source.String:
			values = append(values, s.Enum...)
			described = append(described, s.Ext.Values...)
		case !exclusive && slices.Equal(s.Types, []string{"string"}) && onlyType(s):
			open = true
		default:
			return nil
		}
	}
	for _, s := range base {
		if len(s.Types) > 0 && !slices.Contains(s.Types, "string") || !onlyType(s) {
			return nil
		}
	}
	if len(values) == 0 {
		return nil
	}
	seen := map[string]bool{}
	for _, v := range values {
		if v.Kind != source.String {
			return nil
		}
		if seen[v.Text] {
			if exclusive {
				b.problems.Add(v, "let one branch have it", "the value %s is in two branches of a oneOf", v.JSON())
			}
			return nil
		}
		seen[v.Text] = true
	}
	at := *c.at
	at.Ext.Values = append(slices.Clone(at.Ext.Values), described...)
	named := &conjunction{at: c.at, demands: c.demands, atoms: []*parse.Schema{&at}}
	t := b.enum(named, "string", values, about)
	t.Enum().Open = open
	return t
}

// onlyType reports whether a schema says nothing of what is valid but its type.
func onlyType(s *parse.Schema) bool {
	for _, m := range s.Value.Members {
		if m.Name != "type" && !slices.Contains(besideTypes, m.Name) && slices.Contains(constraining, m.Name) {
			return false
		}
	}
	return true
}

// typeUnion is the type of what may have several JSON types.
func (b *builder) typeUnion(c *conjunction, types []string, about About) *Type {
	u := &Union{About: about}
	b.add(c.at, u)
	for _, t := range types {
		part := about
		part.Name, part.Synthetic = about.Name+typeTitles[t], true
		part.Title, part.Description, part.Examples, part.Given = "", "", nil, nil
		at := *c.at
		piece := &conjunction{at: &at, atoms: c.atoms, roots: c.roots, demands: c.demands, partial: c.partial}
		variant := b.goTypeOf(piece, []string{t}, part)
		u.Variants = append(u.Variants, &Variant{Type: variant, Value: c.at.Keyword("type")})
	}
	b.unions = append(b.unions, u)
	return &Type{Kind: Named, Decl: u}
}
