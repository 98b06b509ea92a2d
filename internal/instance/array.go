package instance

import "github.com/santhosh-tekuri/jsonschema/v5"

// array makes an array, of few items unless it must have many.
func (g *Generator) array(demands []*jsonschema.Schema, depth int) (any, bool) {
	least, most, tuple, unique := 0, -1, 0, false
	var contains []*jsonschema.Schema
	for _, s := range demands {
		least = max(least, s.MinItems)
		if s.MaxItems >= 0 && (most < 0 || s.MaxItems < most) {
			most = s.MaxItems
		}
		tuple = max(tuple, len(s.PrefixItems))
		if items, ok := s.Items.([]*jsonschema.Schema); ok {
			tuple = max(tuple, len(items))
		}
		unique = unique || s.UniqueItems
		if s.Contains != nil {
			for range min(s.MinContains, maxWork) {
				contains = append(contains, s.Contains)
			}
		}
	}
	size := max(least, len(contains))
	if depth < maxDepth {
		size += pick(g, []int{0, 0, 1, 1, 2, 3})
		if g.coin() {
			size = max(size, tuple)
		}
	}
	if most >= 0 {
		size = min(size, most)
	}
	array := []any{}
	seen := map[string]bool{}
	for i := range size {
		v, ok := g.item(demands, contains, i, size, depth)
		for range tries {
			if !ok || !unique || !seen[text(v)] {
				break
			}
			v, ok = g.item(demands, contains, i, size, depth)
		}
		if !ok || unique && seen[text(v)] {
			break // the validator says whether so few are enough
		}
		seen[text(v)] = true
		array = append(array, v)
	}
	return array, true
}

// item makes the item at i of size items, the last of which are those that the array must contain.
func (g *Generator) item(demands, contains []*jsonschema.Schema, i, size, depth int) (any, bool) {
	schemas := itemSchemas(demands, i)
	if last := size - i; last <= len(contains) {
		schemas = append(schemas, contains[last-1])
	}
	return g.draw(schemas, depth+1)
}

// itemSchemas returns what the demands say of the item at i.
func itemSchemas(demands []*jsonschema.Schema, i int) (schemas []*jsonschema.Schema) {
	for _, s := range demands {
		if item := itemSchema(s, i); item != nil {
			schemas = append(schemas, item)
		} else if s.UnevaluatedItems != nil {
			schemas = append(schemas, s.UnevaluatedItems)
		}
	}
	return schemas
}

// never is the schema false, which older drafts write as additionalItems: false.
var never = jsonschema.MustCompileString("never.json", "false")

// itemSchema returns what one schema says itself of the item at i, nil for nothing.
func itemSchema(s *jsonschema.Schema, i int) *jsonschema.Schema {
	if i < len(s.PrefixItems) {
		return s.PrefixItems[i]
	}
	if s.Items2020 != nil {
		return s.Items2020
	}
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		return items
	case []*jsonschema.Schema:
		if i < len(items) {
			return items[i]
		}
		switch additional := s.AdditionalItems.(type) {
		case *jsonschema.Schema:
			return additional
		case bool:
			if !additional {
				return never
			}
		}
	}
	return nil
}

// anything makes a value of no schema: any type, nested.
func (g *Generator) anything(depth int) any {
	kind := pick(g, kinds)
	if depth >= maxDepth {
		kind = pick(g, kinds[2:])
	}
	switch kind {
	case "object":
		object := map[string]any{}
		for range g.rand.IntN(4) {
			object[g.letters(g.rand.IntN(6))] = g.anything(depth + 1)
		}
		return object
	case "array":
		array := []any{}
		for range g.rand.IntN(4) {
			array = append(array, g.anything(depth+1))
		}
		return array
	case "string":
		return g.letters(g.rand.IntN(20))
	case "boolean":
		return g.coin()
	case "null":
		return nil
	}
	v, _ := g.number(nil, kind == "integer")
	return v
}
