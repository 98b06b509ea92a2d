package proof

import (
	"fmt"
	"math/rand/v2"
)

// Object is a JSON object as encoding/json writes it.
type Object = map[string]any

// RandomSchema makes a schema of the supported kinds: a few definitions that refer to each other.
func RandomSchema(r *rand.Rand) Object {
	g := &schemaMaker{rand: r, defs: "$defs", names: []string{"Alpha", "Beta", "Gamma", "Delta", "Epsilon"}[:2+r.IntN(4)]}
	schema := Object{"$schema": dialectURIs["draft2020-12"]}
	if g.one(3) {
		g.old, g.defs = true, "definitions"
		schema["$schema"] = dialectURIs["draft7"]
	}
	defs := Object{}
	for _, name := range g.names {
		g.within = name
		defs[name] = g.definition()
	}
	schema[g.defs] = defs
	return schema
}

type schemaMaker struct {
	rand   *rand.Rand
	defs   string
	names  []string
	old    bool   // draft-07
	within string // the definition being made
	serial int
}

func (g *schemaMaker) one(n int) bool { return g.rand.IntN(n) == 0 }

func (g *schemaMaker) pick(of ...string) string { return of[g.rand.IntN(len(of))] }

// definition is mostly an object, because that is what protocols are made of.
func (g *schemaMaker) definition() any {
	switch g.rand.IntN(18) {
	case 0:
		return g.scalar()
	case 1:
		return g.array(0)
	case 2:
		return g.values()
	case 3:
		return g.tagged()
	case 4:
		return g.untagged()
	case 5:
		return g.extended()
	case 6:
		return g.tuple(0)
	case 7:
		return g.dictionary(0)
	case 8, 9, 10:
		return g.asserted()
	case 11, 12:
		return g.overlapping()
	case 13:
		return g.mixed()
	}
	return g.object(0)
}

// value is the schema of a member or an item.
func (g *schemaMaker) value(depth int) any {
	if depth > 2 {
		return g.scalar()
	}
	switch g.rand.IntN(18) {
	case 0, 1:
		return g.array(depth + 1)
	case 2:
		return g.dictionary(depth + 1)
	case 3:
		return g.object(depth + 1)
	case 4:
		return g.tuple(depth + 1)
	case 5:
		return g.values()
	case 6, 7:
		return g.ref()
	case 8:
		return g.nullable()
	case 9:
		return g.freeForm()
	case 10:
		return Object{"type": []string{"string", g.pick("integer", "boolean", "number")}}
	case 11:
		return g.mixed()
	case 12:
		return g.asserted()
	}
	return g.scalar()
}

func (g *schemaMaker) freeForm() any {
	if g.one(2) {
		return true
	}
	return Object{}
}

// ref refers to a definition. Refs without end are avoided where a member must
// stand: see object.
func (g *schemaMaker) ref() any {
	return Object{"$ref": "#/" + g.defs + "/" + g.names[g.rand.IntN(len(g.names))]}
}

func (g *schemaMaker) nullable() any {
	switch g.rand.IntN(3) {
	case 0:
		return Object{"type": []string{g.pick("string", "integer", "boolean", "number"), "null"}}
	case 1:
		return Object{g.pick("anyOf", "oneOf"): []any{g.ref0(), Object{"type": "null"}}}
	}
	return Object{g.pick("anyOf", "oneOf"): []any{g.scalarOf(g.pick("string", "integer", "number")), Object{"type": "null"}}}
}

// ref0 refers to a definition that is surely not null itself: an object of its own.
func (g *schemaMaker) ref0() any {
	return Object{"type": "object", "properties": Object{"x": g.scalar()}, "required": []string{"x"}}
}

func (g *schemaMaker) scalar() Object {
	return g.scalarOf(g.pick("string", "string", "integer", "number", "boolean", "time", "bytes", "format", "integer"))
}

func (g *schemaMaker) scalarOf(kind string) Object {
	switch kind {
	case "string":
		return g.text()
	case "integer":
		return g.integer()
	case "number":
		return g.number()
	case "time":
		return Object{"type": "string", "format": "date-time"}
	case "bytes":
		if g.old {
			return Object{"type": "string"}
		}
		return Object{"type": "string", "contentEncoding": "base64"}
	case "format":
		return Object{"type": "string", "format": g.pick("date", "uuid", "ipv4", "ipv6", "uri", "duration")}
	}
	return Object{"type": "boolean"}
}

func (g *schemaMaker) text() Object {
	s := Object{"type": "string"}
	low := g.rand.IntN(4)
	if g.one(3) {
		s["minLength"] = low
	}
	if g.one(4) {
		s["maxLength"] = low + g.rand.IntN(5)
	}
	if len(s) == 1 && g.one(4) {
		s["pattern"] = g.pick(`^[a-z]+$`, `^x-`, `\d`, `^(job|run)_[0-9a-z]{4}$`, `^.{2,5}$`)
	}
	return s
}

func (g *schemaMaker) integer() Object {
	s := Object{"type": "integer"}
	low := g.rand.IntN(200) - 100
	switch g.rand.IntN(6) {
	case 0:
		s["minimum"] = low
	case 1:
		s["minimum"], s["maximum"] = low, low+g.rand.IntN(300)
	case 2:
		s["exclusiveMinimum"], s["exclusiveMaximum"] = low, low+3+g.rand.IntN(5)
	case 3:
		s["format"] = g.pick("int32", "int64")
	case 4:
		s["multipleOf"] = 1 + g.rand.IntN(9)
	}
	return s
}

func (g *schemaMaker) number() Object {
	s := Object{"type": "number"}
	low := float64(g.rand.IntN(200)-100) / 4
	switch g.rand.IntN(5) {
	case 0:
		s["minimum"] = low
	case 1:
		s["exclusiveMinimum"], s["maximum"] = low, low+float64(g.rand.IntN(20))+0.5
	case 2:
		s["multipleOf"] = []float64{0.5, 0.25, 2, 10}[g.rand.IntN(4)]
	}
	return s
}

// values are an enum or a const.
func (g *schemaMaker) values() Object {
	switch g.rand.IntN(5) {
	case 0:
		return Object{"const": g.pick("alpha", "beta")}
	case 1:
		return Object{"type": "integer", "enum": []int{1, 2, 5}}
	case 2:
		return Object{"const": g.rand.IntN(9)}
	case 3:
		return Object{"type": []string{"string", "null"}, "enum": []any{"on", "off", nil}}
	}
	return Object{"type": "string", "enum": []string{"red", "green", "dark blue"}[:1+g.rand.IntN(3)]}
}

func (g *schemaMaker) array(depth int) Object {
	s := Object{"type": "array", "items": g.value(depth)}
	low := g.rand.IntN(3)
	if g.one(4) {
		s["minItems"] = low
	}
	if g.one(4) {
		s["maxItems"] = low + 1 + g.rand.IntN(3)
	}
	if g.one(8) {
		s["items"], s["uniqueItems"] = Object{"type": "object", "properties": Object{"n": Object{"type": "integer", "default": 0}}}, true
	}
	if g.one(5) {
		// Times are unique as they are written, and msgpack keeps only the instant.
		s["items"], s["uniqueItems"] = g.scalarOf(g.pick("string", "integer", "number")), true
	}
	return s
}

func (g *schemaMaker) tuple(depth int) Object {
	items := []any{g.scalar(), g.value(depth + 1)}
	first, rest := "prefixItems", "items"
	if g.old {
		first, rest = "items", "additionalItems"
	}
	s := Object{"type": "array", first: items}
	switch g.rand.IntN(3) {
	case 0:
		s[rest] = false
	case 1:
		s[rest] = g.scalar()
	}
	if g.one(2) {
		s["minItems"] = 2
	}
	return s
}

func (g *schemaMaker) dictionary(depth int) Object {
	s := Object{"type": "object", "additionalProperties": g.value(depth)}
	switch g.rand.IntN(5) {
	case 0:
		s["propertyNames"] = Object{"pattern": "^[a-z]{1,4}$"}
	case 1:
		s["minProperties"] = 1
	case 2:
		s["maxProperties"] = 3
	case 3:
		s["patternProperties"] = Object{"^x": g.value(depth)}
		s["additionalProperties"] = false
	}
	return s
}

func (g *schemaMaker) object(depth int) Object {
	properties := Object{}
	var required []string
	for range g.rand.IntN(6) {
		name := g.member()
		properties[name] = g.withDefault(g.value(depth + 1))
		if g.one(2) && !refers(properties[name]) {
			required = append(required, name)
		}
	}
	s := Object{"type": "object", "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	switch g.rand.IntN(6) {
	case 0:
		s["additionalProperties"] = false
	case 1:
		s["additionalProperties"] = g.scalar()
	case 2:
		s["x-dwp-unknown"] = "keep"
	case 3:
		s[g.pick("minProperties", "maxProperties")] = len(required) + g.rand.IntN(2)
	}
	if len(properties) > 1 && g.one(6) {
		var names []string
		for name := range properties {
			names = append(names, name)
		}
		a, b := names[0], names[1]
		if a > b {
			a, b = b, a
		}
		keyword := "dependentRequired"
		if g.old {
			keyword = "dependencies"
		}
		s[keyword] = Object{a: []string{b}}
	}
	return s
}

// withDefault gives a scalar a default now and then: mostly the zero value, valid or not.
func (g *schemaMaker) withDefault(schema any) any {
	s, ok := schema.(Object)
	if !ok || !g.one(3) {
		return schema
	}
	switch s["type"] {
	case "string":
		s["default"] = g.either("", "x")
	case "integer", "number":
		s["default"] = g.either(0, 7)
	case "boolean":
		s["default"] = g.either(false, true)
	}
	return s
}

// either is mostly the first.
func (g *schemaMaker) either(mostly, rarely any) any {
	if g.one(4) {
		return rarely
	}
	return mostly
}

// refers reports whether a required member of this schema could make documents without end.
func refers(schema any) bool {
	s, ok := schema.(Object)
	return ok && (s["$ref"] != nil || s["prefixItems"] != nil || s["minItems"] != nil || s["minProperties"] != nil || s["required"] != nil)
}

func (g *schemaMaker) member() string {
	g.serial++
	return fmt.Sprintf("%s_%d", g.pick("name", "job_id", "url", "x-val", "Kind", "μ"), g.serial)
}

// tagged is a union distinguished by the const of a member.
func (g *schemaMaker) tagged() Object {
	var branches []any
	for i := range 2 + g.rand.IntN(2) {
		branch := g.object(1)
		branch["properties"].(Object)["kind"] = Object{"const": []string{"circle", "square", "line"}[i]}
		required, _ := branch["required"].([]string)
		branch["required"] = append(required, "kind")
		branches = append(branches, branch)
	}
	return Object{g.pick("oneOf", "anyOf"): branches}
}

// untagged is a union distinguished by types and required members.
func (g *schemaMaker) untagged() Object {
	kinds := []any{g.text(), g.integer(), Object{"type": "boolean"}, g.array(1), g.object(1)}
	g.rand.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	branches := kinds[:2+g.rand.IntN(2)]
	if g.one(3) { // both branches of an anyOf may hold
		branches = []any{
			Object{"type": "object", "properties": Object{"left": g.scalar()}, "required": []string{"left"}},
			Object{"type": "object", "properties": Object{"right": g.scalar()}, "required": []string{"right"}},
		}
	}
	return Object{g.pick("oneOf", "anyOf"): branches}
}

// extended is an allOf of objects.
func (g *schemaMaker) extended() Object {
	return Object{"allOf": []any{
		Object{"type": "object", "properties": Object{"base": g.scalar(), "kind": Object{"type": "string"}}, "required": []string{"base"}},
		Object{"type": "object", "properties": Object{g.member(): g.value(1), "kind": Object{"const": "ext"}}, "required": []string{"kind"}},
	}}
}
