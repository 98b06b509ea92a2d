package model

import (
	"slices"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// What the schema or an overlay of it says of single places: what they are called, and what has no
// Go at all.

// given is the name that the overlay has for a value that is not a schema, nil if there is none.
func (b *builder) given(v *source.Value) *source.Value {
	name := b.calls[v]
	if name != nil {
		b.obeyed[name] = true
	}
	return name
}

// omit notes that a schema is left out.
func (b *builder) omit(s *parse.Schema) {
	reason := s.Ext.Skip.Text
	if reason == "" {
		reason = "left out at " + s.Ext.Skip.Position().String()
	}
	b.obeyed[s.Ext.Skip] = true
	if !slices.ContainsFunc(b.model.Skipped, func(o Omission) bool { return o.Value == s.Value }) {
		b.model.Skipped = append(b.model.Skipped, Omission{s.Value, reason})
	}
}

// leftOut reports a reference to what is left out.
func (b *builder) leftOut(from, to *parse.Schema) {
	at := from.Value
	if from.Ref != nil {
		at = from.Ref.Value
	}
	b.obeyed[to.Ext.Skip] = true
	b.problems.Add(at, "leave this out too, or keep that", "%s is left out", to.Value.Pointer())
}

// omitted takes the members from a list that are left out. They are unknown members.
func (b *builder) omitted(s *Struct, members []*member) []*member {
	return slices.DeleteFunc(members, func(m *member) bool {
		i := slices.IndexFunc(m.schemas, func(p *parse.Schema) bool { return p.Ext.Skip != nil })
		if i < 0 {
			return false
		}
		skip := m.schemas[i].Ext.Skip
		b.omit(m.schemas[i])
		if m.required != nil {
			b.problems.Add(skip, "keep it", "the member %s is required and cannot be left out", source.Quote(m.name))
		}
		s.Omitted = append(s.Omitted, m.name)
		return true
	})
}

// checkDirectives reports what the overlay says in vain.
func (b *builder) checkDirectives() {
	for _, d := range b.model.Decls {
		if given := d.Info().Given; given != nil {
			b.obeyed[given] = true
		}
	}
	for _, d := range b.doc.Directives {
		switch {
		case b.obeyed[d.Value] || b.doc.Lenient:
		case d.Skip:
			b.problems.Add(d.Value, "leave out a definition, or an optional member of an object", "%s cannot be left out", d.Place.Pointer())
		default:
			b.problems.Add(d.Value, "name a definition, a member of an object, an entry of enum, or a schema for which there is a type",
				"nothing in Go is called by %s", d.Place.Pointer())
		}
	}
}
