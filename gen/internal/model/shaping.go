package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// Which of the alternatives of a conjunction its Go type is made of: the others are asserted.

// choice is a oneOf or an anyOf.
type choice struct {
	holder    *parse.Schema
	branches  []*parse.Schema
	exclusive bool
}

func (a *choice) part() *parse.Schema {
	part := &parse.Schema{Value: a.holder.Value}
	if a.exclusive {
		part.OneOf = a.branches
	} else {
		part.AnyOf = a.branches
	}
	return part
}

// shaping is the list of alternatives that makes the type of a conjunction, nil if there is none.
func (b *builder) shaping(c *conjunction) *choice {
	var main *choice
	for _, a := range c.atoms {
		for _, one := range []*choice{{a, a.OneOf, true}, {a, a.AnyOf, false}} {
			switch {
			case len(one.branches) == 0:
			case main != nil || b.shapeless(c, one):
				c.demands.assert(one.part())
			default:
				main = one
			}
		}
	}
	return main
}

// shapeless reports whether alternatives say only which of the members that other schemas describe
// have to be there: they make no types of their own.
func (b *builder) shapeless(c *conjunction, one *choice) bool {
	described := map[string]bool{}
	for _, a := range c.atoms {
		for _, p := range a.Properties {
			described[p.Name] = true
		}
	}
	return len(described) > 0 && !slices.ContainsFunc(one.branches, func(s *parse.Schema) bool { return !asksForMembers(s, described) })
}

// membersOnly are the keywords that ask for members and say nothing of their values.
var membersOnly = []string{"required", "not", "minProperties", "maxProperties", "dependentRequired", "allOf", "anyOf", "oneOf", "type"}

func asksForMembers(s *parse.Schema, described map[string]bool) bool {
	if s.Always != nil {
		return true
	}
	if s.Ref != nil || len(s.Types) > 0 && !slices.Equal(s.Types, []string{"object"}) {
		return false
	}
	if slices.ContainsFunc(s.Value.Members, func(m source.Member) bool {
		return !slices.Contains(membersOnly, m.Name) && (slices.Contains(constraining, m.Name) || m.Name == "$ref")
	}) {
		return false
	}
	for _, r := range s.Required {
		if !described[r.Text] {
			return false
		}
	}
	inner := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	if s.Not != nil {
		inner = append(inner, s.Not)
	}
	return !slices.ContainsFunc(inner, func(of *parse.Schema) bool { return !asksForMembers(of, described) })
}

// allowsNull reports whether all of some schemas allow null. path are those that are being asked.
func allowsNull(path []*parse.Schema, schemas ...*parse.Schema) bool {
	return !slices.ContainsFunc(schemas, func(s *parse.Schema) bool { return !nullIsValid(s, path) })
}

func nullIsValid(s *parse.Schema, path []*parse.Schema) bool {
	if s.Always != nil {
		return *s.Always
	}
	if slices.Contains(path, s) {
		return false // a schema that applies to its own value without end allows nothing
	}
	path = append(slices.Clone(path), s)
	null := func(v *source.Value) bool { return v.Kind == source.Null }
	switch {
	case len(s.Types) > 0 && !slices.Contains(s.Types, "null"),
		s.Enum != nil && !slices.ContainsFunc(s.Enum, null),
		s.Const != nil && !null(s.Const),
		s.Ref != nil && s.Ref.Target != nil && !nullIsValid(s.Ref.Target, path),
		!allowsNull(path, s.AllOf...),
		s.Not != nil && nullIsValid(s.Not, path):
		return false
	}
	valid := 0
	for _, branch := range s.OneOf {
		if nullIsValid(branch, path) {
			valid++
		}
	}
	if len(s.OneOf) > 0 && valid != 1 {
		return false
	}
	if len(s.AnyOf) > 0 && !slices.ContainsFunc(s.AnyOf, func(branch *parse.Schema) bool { return nullIsValid(branch, path) }) {
		return false
	}
	then := s.Then
	if s.If == nil {
		return true
	}
	if !nullIsValid(s.If, path) {
		then = s.Else
	}
	return then == nil || nullIsValid(then, path)
}

// impossible reports whether types or values leave nothing that satisfies all of some schemas.
// Where it cannot tell, it says no.
func (b *builder) impossible(depth int, schemas ...*parse.Schema) bool {
	c := &conjunction{}
	quiet := &builder{obeyed: map[*source.Value]bool{}}
	for _, s := range schemas {
		quiet.expand(c, s, nil)
	}
	if c.never != nil {
		return true
	}
	types := slices.Clone(allTypes)
	var values []*source.Value
	valued := false
	for _, a := range c.atoms {
		if len(a.Types) > 0 {
			types = intersect(types, a.Types)
		}
		for _, list := range [][]*source.Value{a.Enum, constList(a)} {
			switch {
			case list == nil:
			case !valued:
				values, valued = slices.Clone(list), true
			default:
				values = slices.DeleteFunc(values, func(v *source.Value) bool {
					return !slices.ContainsFunc(list, func(w *source.Value) bool { return sameValue(v, w) })
				})
			}
		}
	}
	if valued {
		values = slices.DeleteFunc(values, func(v *source.Value) bool { return len(intersect([]string{typeOfValue(v)}, types)) == 0 })
	}
	switch {
	case len(types) == 0, valued && len(values) == 0:
		return true
	case depth == 0 || !slices.Equal(types, []string{"object"}):
		return false
	}
	return slices.ContainsFunc(c.atoms, func(a *parse.Schema) bool {
		return slices.ContainsFunc(a.Required, func(r *source.Value) bool {
			var of []*parse.Schema
			for _, other := range c.atoms {
				if p := other.Property(r.Text); p != nil {
					of = append(of, p)
				}
			}
			return len(of) > 1 && b.impossible(depth-1, of...)
		})
	})
}
