package gen_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
)

// wild makes schemas whether or not they make sense.
type wild struct {
	*rand.Rand
	defs  []string
	depth int
}

// wildSchema is a document with definitions that use every keyword, mostly with a value of
// the right type, and refer to each other.
func wildSchema(r *rand.Rand) []byte {
	w := &wild{Rand: r}
	for i := range 1 + r.IntN(5) {
		w.defs = append(w.defs, fmt.Sprint(pick(r, "A", "b", "item", "job_id", "Unknown", "x y"), i))
	}
	defs := map[string]any{}
	for _, name := range w.defs {
		defs[name] = w.schema()
	}
	root := map[string]any{"$defs": defs}
	if r.IntN(8) == 0 {
		root["$schema"] = pick(r, "http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema#", "https://json-schema.org/draft/2019-09/schema")
	}
	if r.IntN(4) == 0 {
		maps.Copy(root, w.object())
	}
	if r.IntN(4) == 0 {
		root["x-dwp-methods"] = w.methods()
	}
	text, err := json.MarshalIndent(root, "", " ")
	if err != nil {
		panic(err)
	}
	return text
}

// wrong reports, now and then, that a mistake is due.
func (w *wild) wrong() bool { return w.IntN(200) == 0 }

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

var wildTypes = []string{"array", "boolean", "integer", "null", "number", "object", "string"}

func (w *wild) schema() any {
	switch n := w.IntN(60); {
	case n == 0:
		return w.IntN(4) > 0
	case n < 10:
		return map[string]any{"$ref": w.ref()}
	}
	return w.object()
}

// leaf is a schema, or one without depth where it is deep already.
func (w *wild) leaf() any {
	if w.depth > 4 {
		return pick[any](w.Rand, true, map[string]any{"type": pick(w.Rand, wildTypes...)}, map[string]any{"$ref": w.ref()})
	}
	return w.schema()
}

func (w *wild) ref() string {
	switch w.IntN(60) {
	case 0:
		return "#"
	case 1:
		return "#/$defs/" + pick(w.Rand, w.defs...) + "/properties/" + w.word()
	}
	return "#/$defs/" + pick(w.Rand, w.defs...)
}

// object is a schema of one type, mostly, with keywords for it.
func (w *wild) object() map[string]any {
	w.depth++
	defer func() { w.depth-- }()
	s := map[string]any{}
	kind := pick(w.Rand, wildTypes...)
	if w.depth < 4 {
		kind = pick(w.Rand, kind, "object", "object", "array", "oneOf")
	}
	switch w.IntN(10) {
	case 0:
	case 1:
		if kind != "oneOf" && kind != "null" {
			s["type"] = []string{kind, "null"}
		}
	case 2:
		if other := pick(w.Rand, wildTypes...); other != kind && kind != "oneOf" {
			s["type"] = []string{kind, other}
		}
	default:
		if kind != "oneOf" {
			s["type"] = kind
		}
	}
	of := wildKeywords[kind]
	for range w.IntN(4) {
		k := pick(w.Rand, of...)
		if w.IntN(40) == 0 {
			k = pick(w.Rand, wildKeywords[pick(w.Rand, wildTypes...)]...)
		}
		s[k] = w.value(k)
	}
	for range w.IntN(2) {
		k := pick(w.Rand, wildAnywhere...)
		s[k] = w.value(k)
	}
	return s
}

var wildKeywords = map[string][]string{
	"array":   {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"},
	"boolean": {"enum", "const", "default"},
	"integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format", "enum", "const", "x-dwp-unit", "default"},
	"null":    {"const", "default"},
	"number":  {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const", "default"},
	"object": {
		"properties", "properties", "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties",
		"maxProperties", "dependentRequired", "x-dwp-unknown",
	},
	"string": {"minLength", "maxLength", "pattern", "format", "contentEncoding", "enum", "const", "default", "x-dwp-closed", "x-dwp-go-prefix"},
	"oneOf":  {"oneOf", "anyOf", "x-dwp-closed"},
}

var wildAnywhere = []string{
	"allOf", "allOf", "anyOf", "oneOf", "$ref", "title", "description", "deprecated", "x-dwp-go-name", "x-dwp-go-type", "x-dwp-skip", "x-dwp-unset",
	"x-dwp-target", "$anchor", "default", "readOnly", "x-note",
}

func (w *wild) value(keyword string) any {
	r := w.Rand
	switch keyword {
	case "items", "additionalProperties", "propertyNames", "unevaluatedProperties", "not":
		return w.leaf()
	case "prefixItems", "allOf", "anyOf", "oneOf":
		list := []any{}
		for i := range 1 + w.IntN(3) {
			if w.depth > 5 && i > 0 {
				break
			}
			list = append(list, w.leaf())
		}
		return list
	case "properties", "patternProperties", "$defs":
		members := map[string]any{}
		for range w.IntN(5) {
			if w.depth > 5 {
				break
			}
			members[w.word()] = w.leaf()
		}
		return members
	case "required":
		return []string{w.word()}
	case "dependentRequired":
		return map[string]any{w.word(): []string{w.word()}}
	case "enum":
		list := []any{}
		for range 1 + w.IntN(3) {
			list = append(list, w.scalar())
		}
		return list
	case "const", "default":
		return w.scalar()
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return json.Number(pick(r, "0", "1", "-1", "255", "4294967295", "9223372036854775807", "18446744073709551615", "-0.5", "1e3", "1e400", "0.0", "127", "-128"))
	case "multipleOf":
		return w.number("1", "2", "0.01", "1e300", "3.0")
	case "minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength":
		return w.number("0", "1", "2", "2.0")
	case "uniqueItems", "deprecated", "x-dwp-closed", "x-dwp-unset", "readOnly":
		return pick(r, true, true, false)
	case "pattern":
		return pick(r, "^a", "`", `\d+"`, "")
	case "format":
		return pick(r, "date-time", "date", "duration", "uuid", "uri", "ipv4", "byte", "int32", "uint8", "int64", "email", "time")
	case "x-dwp-unit":
		return pick(r, "ns", "us", "ms", "s")
	case "x-dwp-unknown":
		return pick(r, "ignore", "keep", "reject")
	case "x-dwp-target":
		return pick(r, "client", "wire")
	case "$ref":
		return w.ref()
	}
	if w.wrong() {
		return pick[any](r, 1, nil, []any{}, map[string]any{}, "")
	}
	switch keyword {
	case "x-dwp-go-type":
		return "string"
	case "x-dwp-go-name", "x-dwp-go-prefix":
		return pick(r, "Name", "Client", "String", "Extra", "Other", "A0", "Ä")
	case "contentEncoding":
		return "base64"
	case "$anchor":
		return fmt.Sprint("a", w.Uint64())
	}
	return pick(r, "string", "a\nb", "*/ `x`", "", "x", "Deprecated: never.")
}

func (w *wild) number(right ...json.Number) json.Number {
	if w.wrong() {
		return pick(w.Rand, json.Number("-1"), "0", "1e30", "1.5", "1e99999")
	}
	return pick(w.Rand, right...)
}

func (w *wild) word() string {
	return pick(w.Rand, "a", "a", "b", "type", "kind", "job_id", "extra", "z", "s", "n", "validate", "Ä", "0", "x`y\"", "range", "dst", "err", "v")
}

func (w *wild) scalar() any {
	return pick[any](w.Rand, "a", "b", "", "+", "type", nil, true, false, 0, 1, -1, 1.5, json.Number("1.0"), json.Number("12345678901234567890"), []any{1}, map[string]any{"a": 1}, "x\"y`")
}

func (w *wild) methods() any {
	methods := map[string]any{}
	for range 1 + w.IntN(3) {
		m := map[string]any{"description": "Does it.", "idempotency": pick(w.Rand, "safe", "idempotent", "unsafe")}
		if w.IntN(4) > 0 {
			m["request"] = pick[any](w.Rand, map[string]any{"$ref": w.ref()}, w.object())
		}
		if w.IntN(4) > 0 {
			m["response"] = pick[any](w.Rand, map[string]any{"$ref": w.ref()}, w.object())
		}
		if w.IntN(3) > 0 {
			m["args"] = []string{w.word()}
		}
		methods[pick(w.Rand, "job.get", "job.put", "stats", "a")] = m
	}
	return methods
}
