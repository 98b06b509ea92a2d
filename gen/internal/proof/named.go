package proof

import (
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// said is what the schemas that apply to a document, and allow it, say of its members, which are
// known by their paths.
type said struct {
	// described members are those that a schema has a property, a pattern or another schema for. No
	// type may drop one.
	described map[string]bool
	// zero members have a default that is a zero value, and may be left out if they have it.
	zero map[string]bool
}

// saidOf asks a schema about a document that it allows.
func saidOf(s *jsonschema.Schema, document any) said {
	out := said{described: map[string]bool{}, zero: map[string]bool{}}
	out.value(s, document, "")
	return out
}

// value asks a schema about a value that it allows.
func (out said) value(s *jsonschema.Schema, v any, at string) {
	if s == nil || s.Always != nil {
		return
	}
	for _, of := range append([]*jsonschema.Schema{s.Ref, s.RecursiveRef, s.DynamicRef}, s.AllOf...) {
		out.value(of, v, at)
	}
	for _, list := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		for _, branch := range list {
			out.ifValid(branch, v, at)
		}
	}
	if s.If != nil {
		if s.If.Validate(v) == nil {
			out.value(s.If, v, at)
			out.value(s.Then, v, at)
		} else {
			out.value(s.Else, v, at)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		out.members(s, v, at)
	case []any:
		out.items(s, v, at)
	}
}

func (out said) ifValid(s *jsonschema.Schema, v any, at string) {
	if s.Validate(v) == nil {
		out.value(s, v, at)
	}
}

func (out said) members(s *jsonschema.Schema, v map[string]any, at string) {
	for name, value := range v {
		within := at + "/" + name
		known := false
		if of := s.Properties[name]; of != nil {
			known = true
			out.zero[within] = out.zero[within] || isZero(of.Default)
			out.value(of, value, within)
		}
		for pattern, of := range s.PatternProperties {
			if pattern.MatchString(name) {
				known = true
				out.value(of, value, within)
			}
		}
		if of, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && !known {
			known = true
			out.value(of, value, within)
		}
		out.described[within] = out.described[within] || known
		if s.UnevaluatedProperties != nil && !known {
			out.ifValid(s.UnevaluatedProperties, value, within)
		}
		if of, ok := s.Dependencies[name].(*jsonschema.Schema); ok {
			out.value(of, v, at)
		}
		out.value(s.DependentSchemas[name], v, at)
	}
}

func (out said) items(s *jsonschema.Schema, v []any, at string) {
	first := s.PrefixItems
	rest := s.Items2020
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		rest = items
	case []*jsonschema.Schema:
		first = items
		rest, _ = s.AdditionalItems.(*jsonschema.Schema)
	}
	for i, item := range v {
		within := fmt.Sprint(at, "/", i)
		if i < len(first) {
			out.value(first[i], item, within)
		} else {
			out.value(rest, item, within)
		}
		for _, of := range []*jsonschema.Schema{s.Contains, s.UnevaluatedItems} {
			if of != nil {
				out.ifValid(of, item, within)
			}
		}
	}
}
