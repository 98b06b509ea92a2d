package instance

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// flatten returns the schemas and all that they say by reference or
// combination, one branch chosen of each alternative, so that what a value has to
// meet can be read off the results' own keywords. What is left to chance here
// (not, other branches of oneOf) the validator checks afterwards. It is
// false if nothing can meet them.
func (g *Generator) flatten(schemas []*jsonschema.Schema, depth int) (flat []*jsonschema.Schema, possible bool) {
	queue := slices.Clone(schemas)
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if s == nil || slices.Contains(flat, s) {
			continue
		}
		if s.Always != nil && !*s.Always {
			return nil, false
		}
		flat = append(flat, s)
		queue = append(queue, s.Ref, s.RecursiveRef, s.DynamicRef)
		queue = append(queue, s.AllOf...)
		if len(s.AnyOf) > 0 {
			queue = append(queue, g.branch(s.AnyOf, depth))
			if len(s.AnyOf) > 1 && g.one(3) { // several may hold at once
				queue = append(queue, g.branch(s.AnyOf, depth))
			}
		}
		if len(s.OneOf) > 0 {
			queue = append(queue, g.branch(s.OneOf, depth))
		}
		if s.If != nil && g.coin() {
			queue = append(queue, s.If, s.Then)
		} else if s.If != nil {
			queue = append(queue, s.Else)
		}
	}
	return flat, true
}

// branch chooses one of the alternatives; deep inside a document one of those that end soonest.
func (g *Generator) branch(alternatives []*jsonschema.Schema, depth int) *jsonschema.Schema {
	if depth < maxDepth {
		return pick(g, alternatives)
	}
	for levels := range 6 {
		var ending []*jsonschema.Schema
		for _, s := range alternatives {
			if ends(s, levels) {
				ending = append(ending, s)
			}
		}
		if len(ending) > 0 {
			return pick(g, ending)
		}
	}
	return pick(g, alternatives)
}

// ends reports whether a value of the schema can do with that many levels of
// nested schemas, references and alternatives among them.
func ends(s *jsonschema.Schema, levels int) bool {
	if s == nil || s.Always != nil || len(s.Enum) > 0 || s.Constant != nil {
		return true
	}
	if levels < 0 {
		return false
	}
	for _, all := range append([]*jsonschema.Schema{s.Ref, s.RecursiveRef, s.DynamicRef}, s.AllOf...) {
		if !ends(all, levels-1) {
			return false
		}
	}
	for _, some := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if len(some) > 0 && !slices.ContainsFunc(some, func(s *jsonschema.Schema) bool { return ends(s, levels-1) }) {
			return false
		}
	}
	for _, name := range s.Required {
		if !ends(s.Properties[name], levels-1) {
			return false
		}
	}
	for i := range min(s.MinItems, len(s.PrefixItems)+1) { // the items after those are alike
		if !ends(itemSchema(s, i), levels-1) {
			return false
		}
	}
	return true
}

// values returns those of the shortest list of values that the demands make,
// and whether they make any.
func values(demands []*jsonschema.Schema) (listed []any, there bool) {
	for _, s := range demands {
		list := s.Enum
		if s.Constant != nil {
			list = s.Constant
		}
		if list != nil && (!there || len(list) < len(listed)) {
			listed, there = list, true
		}
	}
	return listed, there
}

// kinds are the types of JSON Schema, integer before number.
var kinds = []string{"object", "array", "string", "integer", "number", "boolean", "null"}

// kind chooses one of the types that the demands allow: "any" if they say
// nothing of it, "" if they contradict each other.
func (g *Generator) kind(demands []*jsonschema.Schema, depth int) string {
	allowed, named := kinds, false
	for _, s := range demands {
		if len(s.Types) == 0 {
			continue
		}
		named = true
		var both []string
		for _, kind := range allowed {
			if slices.Contains(s.Types, kind) || kind == "integer" && slices.Contains(s.Types, "number") {
				both = append(both, kind)
			}
		}
		allowed = both
	}
	switch {
	case len(allowed) == 0:
		return ""
	case named && depth >= maxDepth:
		return allowed[len(allowed)-1] // the simplest
	case named:
		return pick(g, allowed)
	}
	if hinted := hints(demands); len(hinted) > 0 && !g.one(8) {
		return pick(g, hinted)
	}
	return "any"
}

// hints are the types that keywords for one type speak of.
func hints(demands []*jsonschema.Schema) (hinted []string) {
	for _, s := range demands {
		if s.Properties != nil || len(s.Required) > 0 || s.PatternProperties != nil || s.AdditionalProperties != nil ||
			s.PropertyNames != nil || s.MinProperties >= 0 || s.MaxProperties >= 0 ||
			s.DependentRequired != nil || s.DependentSchemas != nil || s.Dependencies != nil {
			hinted = append(hinted, "object")
		}
		if s.Items != nil || s.Items2020 != nil || s.PrefixItems != nil || s.Contains != nil ||
			s.MinItems >= 0 || s.MaxItems >= 0 || s.UniqueItems {
			hinted = append(hinted, "array")
		}
		if s.MinLength >= 0 || s.MaxLength >= 0 || s.Pattern != nil || s.Format != "" || s.ContentEncoding != "" {
			hinted = append(hinted, "string")
		}
		if s.Minimum != nil || s.Maximum != nil || s.ExclusiveMinimum != nil || s.ExclusiveMaximum != nil || s.MultipleOf != nil {
			hinted = append(hinted, "number")
		}
	}
	return hinted
}
