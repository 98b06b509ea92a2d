package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/parse"
)

// What is asserted of the members of an object: those of a pattern, those that depend on others,
// those that may not be there, and the names.

var anything, nothing = true, false

// namedAs are properties of the names of a schema's own that allow anything.
func namedAs(a *parse.Schema) []parse.Named {
	var out []parse.Named
	for _, p := range a.Properties {
		out = append(out, parse.Named{Name: p.Name, Schema: &parse.Schema{Value: p.Schema.Value, Always: &anything}})
	}
	return out
}

// forbidden asserts that the members are absent that no value satisfies, and returns the others.
func (b *builder) forbidden(c *conjunction, members []*member) []*member {
	var out []*member
	for _, m := range members {
		for _, s := range m.schemas {
			if s.Always != nil && !*s.Always {
				m.forbidden = true
			}
		}
		if !m.forbidden {
			out = append(out, m)
			continue
		}
		part := &parse.Schema{Value: c.at.Value, Properties: []parse.Named{{Name: m.name, Schema: &parse.Schema{Value: c.at.Value, Always: &nothing}}}}
		if m.required != nil {
			part.Required = append(part.Required, m.required)
		}
		c.demands.assert(part)
	}
	return out
}

// patterned is the schema of the members that no property describes, and the pattern of their
// names, if they are all of one pattern. Else it asserts what the patterns say.
func (b *builder) patterned(c *conjunction, rest []*parse.Schema) (of []*parse.Schema, pattern string) {
	with := c.pick(func(s *parse.Schema) bool { return len(s.PatternProperties) > 0 })
	if len(with) == 0 {
		return rest, ""
	}
	if a := with[0]; len(with) == 1 && len(a.PatternProperties) == 1 && len(rest) == 0 && a.AdditionalProperties != nil && isNothing(a.AdditionalProperties) {
		p := a.PatternProperties[0]
		part := &parse.Schema{Value: a.Value, Properties: namedAs(a), PatternProperties: a.PatternProperties, AdditionalProperties: a.AdditionalProperties}
		if len(a.Properties) > 0 {
			c.demands.assert(part)
		}
		return []*parse.Schema{p.Schema}, re2(p.Name)
	}
	for _, a := range with {
		c.demands.assert(&parse.Schema{
			Value: a.Value, Properties: namedAs(a), PatternProperties: a.PatternProperties, AdditionalProperties: a.AdditionalProperties,
		})
	}
	return rest, ""
}

func isNothing(s *parse.Schema) bool { return s.Always != nil && !*s.Always }

// dependents are the members that others depend on. What depends on members that nothing describes
// is asserted.
func (b *builder) dependents(c *conjunction, s *Struct, members []*member) {
	described := func(name string) bool {
		return slices.ContainsFunc(members, func(m *member) bool { return m.name == name })
	}
	for _, a := range c.atoms {
		for _, d := range a.DependentRequired {
			dep := Dependency{Member: d.Name, Requires: texts(d.Requires)}
			if described(d.Name) && !slices.ContainsFunc(dep.Requires, func(name string) bool { return !described(name) }) {
				s.Dependent = append(s.Dependent, dep)
			} else {
				c.demands.assert(&parse.Schema{Value: a.Value, DependentRequired: []parse.Dependency{d}})
			}
		}
	}
}

// names asserts what is said of the names of all members. In a map they can match a pattern.
func (b *builder) names(c *conjunction, t *Type) {
	for _, a := range c.atoms {
		names := a.PropertyNames
		switch {
		case names == nil, names.Always != nil && *names.Always:
		case t != nil && t.Checks.KeyPattern == "" && onlyPattern(names):
			t.Checks.KeyPattern = re2(names.Pattern.Text)
		default:
			c.demands.assert(&parse.Schema{Value: a.Value, PropertyNames: names})
		}
	}
}

// onlyPattern reports whether a schema says nothing of a string but its pattern.
func onlyPattern(s *parse.Schema) bool {
	if s.Pattern == nil || len(s.Types) > 0 && !slices.Contains(s.Types, "string") {
		return false
	}
	for _, m := range s.Value.Members {
		if m.Name != "type" && m.Name != "pattern" && !annotation(m.Name) {
			return false
		}
	}
	return true
}

func annotation(keyword string) bool {
	return !slices.Contains(constraining, keyword) && keyword != "$ref" && keyword != "allOf"
}

// needsOthers reports whether what a conjunction asserts depends on members that no property
// describes, so that they have to be kept.
func (c *conjunction) needsOthers(members []*member) bool {
	if c.demands.none() {
		return false
	}
	described := map[string]bool{}
	for _, m := range members {
		described[m.name] = true
	}
	return c.demands.whole || asksOthers(c.asserted(), described, map[*parse.Schema]bool{})
}

// asksOthers reports whether a schema says something of members that are not described.
func asksOthers(s *parse.Schema, described map[string]bool, asked map[*parse.Schema]bool) bool {
	if s == nil || s.Always != nil || asked[s] {
		return false
	}
	asked[s] = true
	if len(s.PatternProperties) > 0 || s.AdditionalProperties != nil || s.UnevaluatedProperties != nil || s.PropertyNames != nil ||
		s.MinProperties != nil || s.MaxProperties != nil || s.Enum != nil || s.Const != nil {
		return true
	}
	var names []string
	for _, p := range s.Properties {
		if !isNothing(p.Schema) { // that it is absent cannot be said by keeping it
			names = append(names, p.Name)
		}
	}
	names = append(names, texts(s.Required)...)
	for _, d := range s.DependentRequired {
		names = append(append(names, d.Name), texts(d.Requires)...)
	}
	for _, d := range s.DependentSchemas {
		names = append(names, d.Name)
	}
	return slices.ContainsFunc(names, func(name string) bool { return !described[name] }) ||
		slices.ContainsFunc(applied(s), func(of *parse.Schema) bool { return asksOthers(of, described, asked) })
}
