// Package instance makes random JSON documents of a JSON Schema: valid ones, and
// near misses. It reads the schema as the validator compiled it, so that what it
// makes owes nothing to this module's own reading of schemas.
package instance

import (
	"encoding/json"
	"math/rand/v2"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Generator makes documents of one schema, as encoding/json decodes them with
// UseNumber: map[string]any, []any, string, [json.Number], bool and nil. The same
// random source makes the same documents. A Generator is not safe for concurrent use.
type Generator struct {
	// Unknown adds members that the schema does not name, where it allows them.
	Unknown bool
	// Fractions writes some integers as 1.0, which JSON Schema takes for integers.
	Fractions bool
	// Big makes unbounded integers beyond 64 bits too.
	Big bool

	schema *jsonschema.Schema
	rand   *rand.Rand
	work   int // draws left of the document being made
}

const (
	maxDepth = 5      // from here on only what must be there is made
	tries    = 8      // how often one value is tried
	maxWork  = 10_000 // draws in one document
)

// New returns a generator of the documents of a compiled schema. Formats and
// contents are only sure to be right if the schema's compiler asserts them.
func New(s *jsonschema.Schema, r *rand.Rand) *Generator {
	return &Generator{schema: s, rand: r}
}

// Valid returns a document that the schema accepts, or false if none was found:
// the schema accepts nothing, or its demands are too hard to guess.
func (g *Generator) Valid() (any, bool) {
	for range tries {
		g.work = maxWork
		if v, ok := g.draw([]*jsonschema.Schema{g.schema}, 0); ok {
			return v, true
		}
	}
	return nil, false
}

// draw makes a value that each of the schemas accepts.
func (g *Generator) draw(schemas []*jsonschema.Schema, depth int) (any, bool) {
	for range tries {
		if g.work--; g.work < 0 {
			return nil, false
		}
		demands, possible := g.flatten(schemas, depth)
		if !possible {
			continue
		}
		if v, ok := g.value(demands, depth); ok && accept(schemas, v) {
			return v, true
		}
	}
	return nil, false
}

// value makes a value that is likely to meet the demands.
func (g *Generator) value(demands []*jsonschema.Schema, depth int) (any, bool) {
	if listed, there := values(demands); there {
		if len(listed) == 0 {
			return nil, false
		}
		return clone(pick(g, listed)), true
	}
	switch g.kind(demands, depth) {
	case "null":
		return nil, true
	case "boolean":
		return g.coin(), true
	case "integer":
		return g.number(demands, true)
	case "number":
		return g.number(demands, false)
	case "string":
		return g.text(demands)
	case "array":
		return g.array(demands, depth)
	case "object":
		return g.object(demands, depth)
	case "any":
		return g.anything(depth), true
	}
	return nil, false
}

// accept reports whether each of the schemas accepts the value.
func accept(schemas []*jsonschema.Schema, v any) bool {
	for _, s := range schemas {
		if s.Validate(v) != nil {
			return false
		}
	}
	return true
}

// coin is true half of the time.
func (g *Generator) coin() bool { return g.rand.IntN(2) == 0 }

// one is true once in n times.
func (g *Generator) one(n int) bool { return g.rand.IntN(n) == 0 }

// pick returns one of the values, of which there is at least one.
func pick[T any](g *Generator, from []T) T { return from[g.rand.IntN(len(from))] }

// clone copies a document.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for name, member := range v {
			c[name] = clone(member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = clone(item)
		}
		return c
	}
	return v
}

// text writes a document as JSON, members sorted: two documents of one text are one.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "" // a number that is none
	}
	return string(b)
}
