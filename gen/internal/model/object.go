package model

import (
	"regexp"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// member is a property with everything that is said of it in the schemas of a conjunction.
type member struct {
	name     string
	schemas  []*parse.Schema
	required *source.Value
	// forbidden members are never valid.
	forbidden bool
}

// object is the type of an object: a struct if it has known members, else a map.
func (b *builder) object(c *conjunction, about About) *Type {
	members := b.forbidden(c, b.members(c))
	rest, closed := b.rest(c)
	if len(members) == 0 {
		for _, a := range c.atoms {
			if len(a.DependentRequired) > 0 {
				c.demands.assert(&parse.Schema{Value: a.Value, DependentRequired: a.DependentRequired})
			}
		}
		return b.mapType(c, rest, closed, about)
	}
	s := &Struct{About: about}
	b.add(c.at, s)
	members = b.omitted(s, members)
	rest, _ = b.patterned(c, rest)
	b.dependents(c, s, members)
	b.names(c, nil)
	b.unknown(c, s, members, rest, closed, about)
	atMembers(c, &s.Checks)
	for _, m := range members {
		b.field(s, m, rest)
	}
	return &Type{Kind: Named, Decl: s}
}

func atMembers(c *conjunction, checks *Checks) {
	for _, a := range c.atoms {
		atLeast(&checks.MinItems, a.MinProperties)
		atMost(&checks.MaxItems, a.MaxProperties)
	}
}

// members gathers the properties and the required names, in their order.
func (b *builder) members(c *conjunction) []*member {
	var out []*member
	index := map[string]*member{}
	get := func(name string) *member {
		m := index[name]
		if m == nil {
			m = &member{name: name}
			index[name] = m
			out = append(out, m)
		}
		return m
	}
	for _, a := range c.atoms {
		for _, p := range a.Properties {
			m := get(p.Name)
			if !slices.Contains(m.schemas, p.Schema) {
				m.schemas = append(m.schemas, p.Schema)
			}
		}
	}
	for _, a := range c.atoms {
		for _, r := range a.Required {
			if m := get(r.Text); m.required == nil {
				m.required = r
			}
		}
	}
	for _, a := range c.atoms {
		b.constrainOthers(a, out)
	}
	return out
}

// constrainOthers applies the additionalProperties of one schema to the members
// that only other schemas of the conjunction name.
func (b *builder) constrainOthers(a *parse.Schema, members []*member) {
	ap := a.AdditionalProperties
	if ap == nil || ap.Always != nil && *ap.Always {
		return
	}
	for _, m := range members {
		if a.Property(m.name) != nil || matchesPattern(a, m.name) {
			continue
		}
		if ap.Always == nil {
			m.schemas = append(m.schemas, ap)
			continue
		}
		m.forbidden = true
	}
}

func matchesPattern(a *parse.Schema, name string) bool {
	for _, p := range a.PatternProperties {
		if re, err := regexp.Compile(re2(p.Name)); err == nil && re.MatchString(name) {
			return true
		}
	}
	return false
}

// rest is the schema of the members that are not named; closed says that there may be none.
func (b *builder) rest(c *conjunction) (rest []*parse.Schema, closed bool) {
	// additionalProperties leaves no member unevaluated.
	evaluated := len(c.pick(func(s *parse.Schema) bool { return s.AdditionalProperties != nil })) > 0
	for _, a := range c.atoms {
		unevaluated := a.UnevaluatedProperties
		if evaluated || c.demands.whole {
			unevaluated = nil
		}
		for _, ap := range []*parse.Schema{a.AdditionalProperties, unevaluated} {
			switch {
			case ap == nil, ap == a.AdditionalProperties && len(a.PatternProperties) > 0:
				// see patterned
			case ap.Always != nil:
				closed = closed || !*ap.Always
			default:
				rest = append(rest, ap)
			}
		}
	}
	return rest, closed
}

func (b *builder) unknown(c *conjunction, s *Struct, members []*member, rest []*parse.Schema, closed bool, about About) {
	var said *source.Value
	for _, a := range c.atoms {
		if a.Ext.Unknown != nil {
			said = a.Ext.Unknown
		}
	}
	switch {
	case closed:
		s.Unknown = Reject
	case len(rest) > 0:
		s.Unknown = Keep
		s.Extra = b.resolveAll(rest, about.Name+"Value", about.Target)
	case said != nil:
		s.ignores = said
		s.setUnknown(said.Text)
	case b.doc.Unknown != "reject" && c.needsOthers(members):
		s.setUnknown("keep")
	case b.doc.Unknown != "reject" || !slices.ContainsFunc(c.atoms, func(a *parse.Schema) bool { return a.AdditionalProperties != nil }):
		s.setUnknown(b.doc.Unknown) // what a schema allows explicitly, no default refuses
	}
	if said != nil && (closed && said.Text != "reject" || len(rest) > 0 && said.Text != "keep") {
		b.problems.Add(said, "remove one of them", "x-dwp-unknown is %s, additionalProperties says otherwise", source.Quote(said.Text))
	}
}

func (s *Struct) setUnknown(text string) {
	switch text {
	case "keep":
		s.Unknown, s.Extra = Keep, &Type{Kind: JSON}
	case "reject":
		s.Unknown = Reject
	}
}

// resolveAll resolves schemas that all hold for one value.
func (b *builder) resolveAll(schemas []*parse.Schema, name string, target Target) *Type {
	said := slices.DeleteFunc(slices.Clone(schemas), func(s *parse.Schema) bool {
		return s.Always != nil && *s.Always || s.Always == nil && s.Ref == nil && len(s.AllOf) == 0 && !constrains(s) && s.Ext.GoType == nil
	})
	switch len(said) {
	case 0:
		return &Type{Kind: JSON}
	case 1:
		return b.resolve(said[0], name, target)
	}
	for i, s := range said {
		others := slices.Delete(slices.Clone(said), i, i+1)
		if soleRef(s) != nil && impliedBy(others, s) {
			return b.resolve(s, name, target)
		}
	}
	last := said[len(said)-1]
	for _, s := range said {
		if s.Ext.GoType != nil {
			return b.plainString(s)
		}
	}
	key := conjunctionKey(said)
	if b.merging[key] {
		b.problems.Add(last.Value, "give it a definition of its own", "what is made of several schemas here contains itself")
		return &Type{Kind: JSON}
	}
	b.merging[key] = true
	defer delete(b.merging, key)
	about := b.about(last, name)
	about.Target, about.Synthetic = target, true
	c := b.conjoin(last, said...)
	// A declaration that is made of several schemas belongs to none of them.
	c.at = &parse.Schema{Value: last.Value, Ext: last.Ext, Description: last.Description, Format: last.Format}
	return b.goType(c, about)
}

// conjunctionKey identifies a set of schemas.
func conjunctionKey(schemas []*parse.Schema) string {
	var places []string
	for _, s := range schemas {
		places = append(places, s.Value.File().Name+s.Value.Pointer())
	}
	slices.Sort(places)
	return strings.Join(slices.Compact(places), " ")
}

func (b *builder) field(s *Struct, m *member, rest []*parse.Schema) {
	var at *parse.Schema
	f := &Field{JSON: m.name, Name: Exported(m.name), Param: Unexported(m.name), Required: m.required != nil}
	if len(m.schemas) == 0 {
		m.schemas = rest
		f.Value = m.required
	}
	for _, p := range m.schemas {
		at = p
		if f.Value == nil || p.Value.Kind == source.Object {
			f.Value = p.Value
		}
		if p.Description != "" {
			f.Description = p.Description
		}
		f.Deprecated = f.Deprecated || p.Deprecated
		if p.Default != nil {
			f.Default = p.Default
		}
		if p.Ext.GoName != nil {
			f.pin(p.Ext.GoName)
			b.obeyed[p.Ext.GoName] = true
		}
	}
	if given := b.given(m.required); given != nil && !f.Pinned {
		f.pin(given)
	}
	if at != nil && at.Ext.Unset {
		if f.Required {
			b.problems.Add(at.Keyword("x-dwp-unset"), "remove one of them", "the member %s is required and never set", source.Quote(m.name))
		}
		s.Unset = append(s.Unset, m.name)
		return
	}
	if f.Name == "" {
		f.Name, f.Param = spelled(m.name), Unexported(spelled(m.name))
	}
	if f.Name == "" {
		b.problems.Add(f.Value, `add "x-dwp-go-name"`, "no Go name can be made of %s", source.Quote(m.name))
		f.Name = "X"
	}
	f.Type = b.resolveAll(m.schemas, s.Name+f.Name, s.Target)
	s.Fields = append(s.Fields, f)
}

// pin gives a field its name.
func (f *Field) pin(name *source.Value) {
	f.Name, f.Param, f.Pinned = name.Text, Unexported(name.Text), true
}

// mapType is the type of an object without known members.
func (b *builder) mapType(c *conjunction, rest []*parse.Schema, closed bool, about About) *Type {
	t := &Type{Kind: Map, Elem: &Type{Kind: JSON}}
	atMembers(c, &t.Checks)
	of, pattern := b.patterned(c, rest)
	t.Checks.KeyPattern = pattern
	b.names(c, t)
	if len(of) > 0 {
		t.Elem = b.resolveAll(of, about.Name+"Value", about.Target)
	}
	if closed {
		zero := 0
		t.Checks.MaxItems = &zero
	}
	return t
}
