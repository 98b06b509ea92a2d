package proof

// Random schemas that say more than a Go type expresses: what is asserted, branches that hold at
// once, and values of several types.

// described is an object with a member of every name that asserted keywords speak of.
func (g *schemaMaker) described() Object {
	return Object{"type": "object", "properties": Object{
		"kind": Object{"enum": []string{"a", "b"}}, "n": g.integer(), "s": g.text(),
		"in": Object{"type": "object", "properties": Object{"x": g.scalar()}},
		"on": Object{"type": "boolean", "default": false},
	}}
}

// asserted is a schema with keywords that no Go type expresses.
func (g *schemaMaker) asserted() Object {
	switch g.rand.IntN(10) {
	case 0:
		s := g.scalarOf(g.pick("string", "integer", "number"))
		s["not"] = g.either(Object{"enum": []any{"a", 1, 2.5}}, g.scalarOf(g.pick("string", "integer")))
		return s
	case 1:
		return g.containing()
	case 2:
		return g.unevaluatedItems()
	case 3:
		return g.patterned()
	}
	s := g.described()
	for range 1 + g.rand.IntN(2) {
		g.assert(s)
	}
	return s
}

// assert adds a keyword to an object with the members of described.
func (g *schemaMaker) assert(s Object) {
	deep := Object{"properties": Object{"in": Object{"properties": Object{"y": g.scalar()}}}}
	switch g.rand.IntN(7) {
	case 0:
		s["not"] = g.either(Object{"required": []string{g.pick("n", "s", "other")}}, Object{"properties": Object{"n": Object{"minimum": 0}}, "required": []string{"n"}})
	case 1:
		s["if"] = Object{"properties": Object{"kind": Object{"const": "a"}}, "required": []string{"kind"}}
		s["then"] = g.either(Object{"required": []string{g.pick("n", "in")}}, deep)
		s["else"] = g.either(Object{"properties": Object{"s": Object{"minLength": 1}}}, false)
	case 2:
		keyword := "dependentSchemas"
		if g.old {
			keyword = "dependencies"
		}
		s[keyword] = Object{g.pick("n", "kind"): g.either(Object{"required": []string{g.pick("s", "other")}}, deep)}
	case 3:
		s["anyOf"] = []any{Object{"required": []string{"n"}}, Object{"required": []string{"s"}}}
	case 4: // two lists of alternatives
		s["oneOf"] = []any{
			Object{"properties": Object{"kind": Object{"const": "a"}, "left": g.scalar()}, "required": []string{"kind"}},
			Object{"properties": Object{"kind": Object{"const": "b"}, "right": g.scalar()}, "required": []string{"kind"}},
		}
		s["anyOf"] = []any{deep, Object{"required": []string{"s"}}}
	case 5:
		if g.old {
			return
		}
		s["unevaluatedProperties"] = g.either(false, g.scalar())
		s["anyOf"] = []any{Object{"properties": Object{"left": g.scalar()}, "required": []string{"left"}}, Object{"properties": Object{"right": g.scalar()}}}
	case 6:
		s["propertyNames"] = Object{"maxLength": 4}
	}
}

func (g *schemaMaker) containing() Object {
	s := Object{"type": "array", "items": g.either(Object{"type": []string{"string", "integer"}}, true)}
	s["contains"] = g.either(g.scalarOf(g.pick("string", "integer")), Object{"type": "object", "properties": Object{"x": g.scalar()}, "required": []string{"x"}})
	if !g.old {
		s["minContains"], s["maxContains"] = g.rand.IntN(2), 2+g.rand.IntN(2)
	}
	return s
}

func (g *schemaMaker) unevaluatedItems() Object {
	if g.old {
		return g.containing()
	}
	return Object{
		"type": "array", "prefixItems": []any{g.scalar()}, "unevaluatedItems": g.either(false, g.scalar()),
		"anyOf": []any{Object{"prefixItems": []any{true, g.scalar()}}, Object{"contains": Object{"type": "boolean"}}},
	}
}

// patterned is an object whose members are described by the patterns of their names.
func (g *schemaMaker) patterned() Object {
	s := Object{"type": "object", "patternProperties": Object{"^x-": g.value(1), "y$": g.scalar()}}
	if g.one(2) {
		s["properties"] = Object{"n": g.integer(), "x-y": g.scalarOf("string")}
	}
	switch g.rand.IntN(3) {
	case 0:
		s["additionalProperties"] = false
	case 1:
		s["additionalProperties"] = g.scalar()
	}
	return s
}

// overlapping is an anyOf of objects that may hold at once, and that describe a member differently.
func (g *schemaMaker) overlapping() Object {
	branch := func(name, inner string) Object {
		object := Object{"type": "object", "properties": Object{inner: g.scalar(), "both": Object{"type": "integer", "default": 0}}}
		of := []any{
			object,
			Object{"type": "array", "items": object},
			Object{"type": "object", "additionalProperties": object},
			Object{"oneOf": []any{object, Object{"type": "string"}}},
			Object{"type": []string{"object", "null"}, "properties": object["properties"]},
		}[g.rand.IntN(5)]
		s := Object{"type": "object", "properties": Object{name: g.scalar(), "in": of}, "required": []string{name}}
		if g.one(3) {
			s["required"] = []string{name, "in"}
		}
		return s
	}
	return Object{"anyOf": []any{branch("left", "x"), branch("right", "y")}}
}

// mixed are values of several types, and what may be of any type.
func (g *schemaMaker) mixed() any {
	switch g.rand.IntN(6) {
	case 0:
		return Object{"enum": []any{"a", 1, true, nil, []any{1}, Object{"a": 1}}[g.rand.IntN(3):]}
	case 1:
		return Object{"enum": []any{1.5, 2, -0.25}}
	case 2:
		return Object{"oneOf": []any{Object{"type": []string{"string", "null"}}, Object{"type": "integer"}}}
	case 3:
		return Object{"anyOf": []any{Object{"type": []string{"integer", "null"}}, Object{"type": []string{"string", "null"}}}}
	case 4:
		return Object{"minLength": 1, "minimum": 2}
	}
	s := g.described()
	delete(s, "type")
	return s
}
