package instance

import (
	"cmp"
	"maps"
	"regexp"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// object makes an object: its required members, some of the optional ones, and
// some that the schema describes without naming them.
func (g *Generator) object(demands []*jsonschema.Schema, depth int) (any, bool) {
	var required, optional []string
	least, most := 0, -1
	for _, s := range demands {
		required = append(required, s.Required...)
		optional = append(optional, slices.Sorted(maps.Keys(s.Properties))...)
		least = max(least, s.MinProperties)
		if s.MaxProperties >= 0 && (most < 0 || s.MaxProperties < most) {
			most = s.MaxProperties
		}
	}
	object := map[string]any{}
	room := func() bool { return most < 0 || len(object) < most }
	for _, name := range required {
		if !g.member(object, demands, name, depth) {
			return nil, false
		}
	}
	share := pick(g, []int{0, 1, 1, 2}) // none, half, all
	for _, name := range optional {
		wanted := depth < maxDepth && (share == 2 || share == 1 && g.coin())
		if (wanted || len(object) < least) && room() {
			g.member(object, demands, name, depth)
		}
	}
	g.depend(object, demands, depth)
	extra := 0
	if depth < maxDepth && describesNames(demands) {
		extra = g.rand.IntN(4)
	}
	if g.Unknown && g.coin() {
		extra++
	}
	for range tries * (extra + max(0, least-len(object))) {
		if !room() || extra <= 0 && len(object) >= least {
			break
		}
		if name, ok := g.name(demands); ok && g.member(object, demands, name, depth) {
			extra--
		}
	}
	return object, true
}

// member adds a member of that name, unless it is there; false if the demands forbid one.
func (g *Generator) member(object map[string]any, demands []*jsonschema.Schema, name string, depth int) bool {
	if _, there := object[name]; there {
		return true
	}
	schemas, allowed := memberSchemas(demands, name)
	if !allowed {
		return false
	}
	v, ok := g.draw(schemas, depth+1)
	if ok {
		object[name] = v
	}
	return ok
}

// depend adds the members that members present require.
func (g *Generator) depend(object map[string]any, demands []*jsonschema.Schema, depth int) {
	for range 4 { // one may require the next
		for _, s := range demands {
			for _, name := range slices.Sorted(maps.Keys(object)) {
				wanted := s.DependentRequired[name]
				if names, ok := s.Dependencies[name].([]string); ok {
					wanted = append(slices.Clone(wanted), names...)
				}
				for _, name := range wanted {
					g.member(object, demands, name, depth)
				}
			}
		}
	}
}

// memberSchemas returns what the demands say of a member, and whether they allow it.
func memberSchemas(demands []*jsonschema.Schema, name string) (schemas []*jsonschema.Schema, allowed bool) {
	evaluated := false
	for _, s := range demands {
		described := false
		if member, ok := s.Properties[name]; ok {
			schemas, described = append(schemas, member), true
		}
		for _, pattern := range patterns(s) {
			if pattern.MatchString(name) {
				schemas, described = append(schemas, s.PatternProperties[pattern]), true
			}
		}
		if !described && s.AdditionalProperties != nil {
			switch additional := s.AdditionalProperties.(type) {
			case bool:
				if !additional {
					return nil, false
				}
			case *jsonschema.Schema:
				schemas = append(schemas, additional)
			}
			described = true
		}
		evaluated = evaluated || described
	}
	for _, s := range demands {
		if s.UnevaluatedProperties != nil && !evaluated {
			schemas = append(schemas, s.UnevaluatedProperties)
		}
	}
	for _, s := range schemas {
		if s.Always != nil && !*s.Always {
			return nil, false
		}
	}
	return schemas, true
}

// describesNames reports whether the demands describe members that they do not name.
func describesNames(demands []*jsonschema.Schema) bool {
	return slices.ContainsFunc(demands, func(s *jsonschema.Schema) bool {
		_, described := s.AdditionalProperties.(*jsonschema.Schema)
		return described || len(s.PatternProperties) > 0 || s.PropertyNames != nil
	})
}

// name makes the name of a member that the schema does not name.
func (g *Generator) name(demands []*jsonschema.Schema) (string, bool) {
	var of []*jsonschema.Schema
	var matching []*regexp.Regexp
	for _, s := range demands {
		if s.PropertyNames != nil {
			of = append(of, s.PropertyNames)
		}
		matching = append(matching, patterns(s)...)
	}
	if len(matching) > 0 && g.coin() {
		return g.match(pick(g, matching), 0)
	}
	if len(of) == 0 {
		return g.word(1 + g.rand.IntN(8)), true
	}
	// A name is a string whatever its schema says of types.
	for range tries {
		flat, possible := g.flatten(of, maxDepth)
		if !possible {
			return "", false
		}
		listed, there := values(flat)
		if !there {
			v, ok := g.text(flat)
			listed = []any{v}
			if !ok {
				continue
			}
		}
		if name, ok := pick(g, listed).(string); ok && accept(of, name) {
			return name, true
		}
	}
	return "", false
}

// patterns returns the patterns of a schema's members in an order that is always the same.
func patterns(s *jsonschema.Schema) []*regexp.Regexp {
	return slices.SortedFunc(maps.Keys(s.PatternProperties), func(a, b *regexp.Regexp) int {
		return cmp.Compare(a.String(), b.String())
	})
}
