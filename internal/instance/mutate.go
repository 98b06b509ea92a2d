package instance

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// place is a value within a document and what the schema says of it.
type place struct {
	value   any
	demands []*jsonschema.Schema
	set     func(any)
}

// Mutate returns a copy of a document in which one value is changed: to another
// type, across a bound of the schema, out of an enum, with a member or item
// removed, added or damaged. The result may still be valid: the schema says.
func (g *Generator) Mutate(v any) any {
	root := clone(v)
	places := g.places(nil, []*jsonschema.Schema{g.schema}, root, func(v any) { root = v })
	p := pick(g, places)
	p.set(g.change(p))
	return root
}

// places lists every value of a document.
func (g *Generator) places(list []place, schemas []*jsonschema.Schema, v any, set func(any)) []place {
	demands, possible := g.flatten(schemas, 0)
	if !possible {
		demands = nil
	}
	list = append(list, place{v, demands, set})
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member, _ := memberSchemas(demands, name)
			list = g.places(list, member, v[name], func(changed any) { v[name] = changed })
		}
	case []any:
		for i, item := range v {
			list = g.places(list, itemSchemas(demands, i), item, func(changed any) { v[i] = changed })
		}
	}
	return list
}

// change returns another value for a place.
func (g *Generator) change(p place) any {
	if g.one(5) {
		return g.anything(maxDepth - 1)
	}
	if listed, there := values(p.demands); there && len(listed) > 0 && g.coin() {
		return clone(pick(g, listed))
	}
	switch v := p.value.(type) {
	case map[string]any:
		return g.changeObject(v, p.demands)
	case []any:
		return g.changeArray(v)
	case string:
		return g.changeText(v, p.demands)
	case json.Number:
		return g.changeNumber(v, p.demands)
	case bool:
		return !v
	}
	return g.anything(maxDepth - 1)
}

func (g *Generator) changeObject(v map[string]any, demands []*jsonschema.Schema) any {
	var named []string
	for _, s := range demands {
		named = append(named, slices.Sorted(maps.Keys(s.Properties))...)
	}
	names := slices.Sorted(maps.Keys(v))
	switch n := g.rand.IntN(5); {
	case n == 0:
		v[g.word(1+g.rand.IntN(6))] = g.anything(maxDepth - 1)
	case n == 1 && len(named) > 0:
		v[pick(g, named)] = g.anything(maxDepth - 1)
	case n == 2 && len(names) > 0: // misspelt
		name := pick(g, names)
		member := v[name]
		delete(v, name)
		v[strings.ToUpper(name)] = member
	case len(names) > 0:
		delete(v, pick(g, names))
	}
	return v
}

func (g *Generator) changeArray(v []any) any {
	switch {
	case len(v) == 0 || g.one(4):
		return append(v, g.anything(maxDepth-1))
	case g.coin():
		return append(v, clone(pick(g, v)))
	}
	i := g.rand.IntN(len(v))
	return slices.Delete(v, i, i+1)
}

func (g *Generator) changeText(v string, demands []*jsonschema.Schema) any {
	runes := []rune(v)
	var sizes []int // just across a bound
	for _, s := range demands {
		if s.MinLength > 0 && s.MinLength <= len(runes) {
			sizes = append(sizes, s.MinLength-1)
		}
		if s.MaxLength >= 0 && s.MaxLength < 10_000 {
			sizes = append(sizes, s.MaxLength+1)
		}
	}
	if len(sizes) > 0 && g.coin() {
		size := pick(g, sizes)
		if size <= len(runes) {
			return string(runes[:size])
		}
		return v + strings.Repeat("x", size-len(runes))
	}
	switch g.rand.IntN(5) {
	case 0:
		return ""
	case 1:
		return v + string(pick(g, pick(g, alphabets)))
	case 2:
		return strings.ToUpper(v)
	}
	if len(runes) == 0 {
		return g.letters(1)
	}
	i := g.rand.IntN(len(runes))
	if g.coin() {
		runes[i] = pick(g, pick(g, alphabets))
		return string(runes)
	}
	return string(slices.Delete(runes, i, i+1))
}

func (g *Generator) changeNumber(v json.Number, demands []*jsonschema.Schema) any {
	b := spanOf(demands)
	var bounds []*big.Rat
	for _, bound := range []*big.Rat{b.low, b.high} {
		if bound != nil {
			bounds = append(bounds, bound)
		}
	}
	n, ok := new(big.Rat).SetString(string(v))
	if !ok {
		return v
	}
	if len(bounds) > 0 && g.coin() {
		n = pick(g, bounds)
	}
	delta := pick(g, []*big.Rat{big.NewRat(1, 1), big.NewRat(-1, 1), big.NewRat(1, 2), new(big.Rat), new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), 64))})
	return decimal(new(big.Rat).Add(n, delta))
}
