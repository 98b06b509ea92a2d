package instance_test

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/internal/instance"
	"github.com/xraph/dispatch/schema"
)

func compile(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	c.AssertContent = true
	url := "https://example.com/" + strconv.Itoa(len(text)) + ".json"
	if err := c.AddResource(url, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(url)
	if err != nil {
		t.Fatalf("%#v", err)
	}
	return s
}

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// schemas are what a generator has to find its way through.
var schemas = map[string]string{
	"anything":            `true`,
	"integer in bounds":   `{"type": "integer", "minimum": 3, "exclusiveMaximum": 5}`,
	"multiple":            `{"type": "integer", "multipleOf": 7, "minimum": 50}`,
	"multiples":           `{"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "minimum": 1, "maximum": 13}`,
	"multiple of a half":  `{"type": "number", "multipleOf": 0.5, "minimum": 0.2, "maximum": 1.2}`,
	"number in bounds":    `{"type": "number", "exclusiveMinimum": 0, "maximum": 0.001}`,
	"far away":            `{"type": "integer", "minimum": 100000000000000000000}`,
	"string in bounds":    `{"type": "string", "minLength": 2, "maxLength": 3}`,
	"pattern":             `{"type": "string", "pattern": "^(job|run)_[0-9a-z]{4,6}$", "maxLength": 9}`,
	"pattern and length":  `{"type": "string", "pattern": "^[A-Z][a-z]*$", "minLength": 12}`,
	"date-time":           `{"type": "string", "format": "date-time"}`,
	"uuid":                `{"type": "string", "format": "uuid"}`,
	"ipv6":                `{"type": "string", "format": "ipv6"}`,
	"duration":            `{"type": "string", "format": "duration"}`,
	"uri":                 `{"type": "string", "format": "uri"}`,
	"hostname":            `{"type": "string", "format": "hostname"}`,
	"base64 of JSON":      `{"type": "string", "contentEncoding": "base64", "contentMediaType": "application/json"}`,
	"enum of types":       `{"enum": [1, "a", null, {"b": [true]}]}`,
	"const":               `{"const": {"a": 1}}`,
	"nullable":            `{"type": ["string", "null"]}`,
	"unique items":        `{"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": true, "minItems": 3}`,
	"tuple":               `{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false, "minItems": 2}`,
	"contains":            `{"type": "array", "items": {"type": "integer"}, "contains": {"const": 5}, "minContains": 2, "maxItems": 4}`,
	"unevaluated items":   `{"type": "array", "prefixItems": [{"type": "string"}], "unevaluatedItems": {"type": "integer"}, "minItems": 3}`,
	"map":                 `{"type": "object", "additionalProperties": {"type": "boolean"}, "minProperties": 2, "maxProperties": 3}`,
	"pattern properties":  `{"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": false, "minProperties": 1}`,
	"property names":      `{"type": "object", "propertyNames": {"pattern": "^[a-c]{2}$"}, "minProperties": 2}`,
	"named by enum":       `{"type": "object", "propertyNames": {"enum": ["a", "b"]}, "minProperties": 2, "additionalProperties": {"type": "null"}}`,
	"dependent":           `{"type": "object", "properties": {"a": {"const": 1}, "b": {"type": "string"}}, "required": ["a"], "dependentRequired": {"a": ["b"], "b": ["c"]}}`,
	"all of":              `{"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"required": ["a"], "properties": {"a": {"minimum": 9}}}]}`,
	"tagged union":        `{"oneOf": [{"properties": {"k": {"const": "a"}, "v": {"type": "string"}}, "required": ["k", "v"]}, {"properties": {"k": {"const": "b"}, "v": {"type": "integer"}}, "required": ["k", "v"]}]}`,
	"any of":              `{"anyOf": [{"type": "string", "minLength": 3}, {"type": "integer"}]}`,
	"not":                 `{"type": "integer", "not": {"minimum": 0}}`,
	"if then else":        `{"type": "object", "properties": {"a": {"type": "boolean"}, "b": {}}, "required": ["a"], "if": {"properties": {"a": {"const": true}}}, "then": {"required": ["b"]}, "else": {"properties": {"b": false}}}`,
	"recursion":           `{"type": "object", "properties": {"next": {"$ref": "#"}, "value": {"type": "integer"}}, "required": ["value"]}`,
	"recursion by branch": `{"oneOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#"}, "minItems": 2, "maxItems": 2}]}`,
	"expression":          `{"$ref": "#/$defs/e", "$defs": {"e": {"anyOf": [{"type": "object", "properties": {"l": {"$ref": "#/$defs/e"}, "r": {"$ref": "#/$defs/e"}}, "required": ["l", "r"], "additionalProperties": false}, {"type": "number"}]}}}`,
	"draft 4":             `{"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer", "minimum": 1, "exclusiveMinimum": true, "maximum": 3}`,
	"draft 7 tuple":       `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "array", "items": [{"type": "null"}], "additionalItems": {"type": "boolean"}, "minItems": 2}`,
	"draft 7 dependency":  `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["a"], "dependencies": {"a": ["b"]}}`,
}

func TestValidDocumentsAreFoundAndValid(t *testing.T) {
	t.Parallel()
	for name, schema := range schemas {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := compile(t, schema)
			g := instance.New(s, source(1))
			for i := range 200 {
				g.Unknown, g.Fractions, g.Big = i%3 == 0, i%5 == 0, i%7 == 0
				v, ok := g.Valid()
				if !ok {
					t.Fatalf("nothing found, try %d", i)
				}
				if err := s.Validate(reread(t, v)); err != nil {
					t.Fatalf("%#v: %v", v, err)
				}
			}
		})
	}
}

// reread writes a document and reads it again, so that it is nothing but JSON.
func reread(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%#v: %v", v, err)
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	var again any
	if err := dec.Decode(&again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v, again); diff != "" {
		t.Fatalf("not what encoding/json would decode:\n%s", diff)
	}
	return again
}

func TestImpossibleSchemasEnd(t *testing.T) {
	t.Parallel()
	for name, schema := range map[string]string{
		"false":               `false`,
		"no type":             `{"allOf": [{"type": "string"}, {"type": "null"}]}`,
		"no number":           `{"type": "integer", "minimum": 2, "maximum": 1}`,
		"no length":           `{"type": "string", "minLength": 2, "maxLength": 1}`,
		"endless":             `{"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}`,
		"required, forbidden": `{"type": "object", "required": ["a"], "additionalProperties": false}`,
		"too few to be many":  `{"type": "array", "items": {"enum": [1]}, "uniqueItems": true, "minItems": 2}`,
		"not itself":          `{"not": {}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if v, ok := instance.New(compile(t, schema), source(1)).Valid(); ok {
				t.Errorf("found %v", v)
			}
		})
	}
}

func TestTheSameSeedMakesTheSameDocuments(t *testing.T) {
	t.Parallel()
	for name, schema := range schemas {
		s := compile(t, schema)
		a, b := instance.New(s, source(7)), instance.New(s, source(7))
		for range 20 {
			v, _ := a.Valid()
			w, _ := b.Valid()
			if diff := cmp.Diff(v, w); diff != "" {
				t.Fatalf("%s:\n%s", name, diff)
			}
			if diff := cmp.Diff(a.Mutate(v), b.Mutate(w)); diff != "" {
				t.Fatalf("%s, mutated:\n%s", name, diff)
			}
		}
	}
}

// TestBoundsAreReached: documents at the edge are the ones that find mistakes.
func TestBoundsAreReached(t *testing.T) {
	t.Parallel()
	tests := []struct{ schema, want string }{
		{`{"type": "integer", "minimum": -5, "maximum": 1000000}`, `-5`},
		{`{"type": "integer", "minimum": -5, "maximum": 1000000}`, `1000000`},
		{`{"type": "integer"}`, `9223372036854775807`},
		{`{"type": "integer", "format": "int32"}`, `-2147483648`},
		{`{"type": "string", "maxLength": 2}`, `""`},
		{`{"type": "array", "items": {"type": "null"}, "maxItems": 2}`, `[]`},
		{`{"type": "array", "items": {"type": "null"}, "maxItems": 2}`, `[null,null]`},
		{`{"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}}`, `{}`},
		{`{"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}}`, `{"a":1,"b":2}`},
	}
	for _, test := range tests {
		g := instance.New(compile(t, test.schema), source(1))
		found := false
		for range 300 {
			v, _ := g.Valid()
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			found = found || string(b) == test.want
		}
		if !found {
			t.Errorf("%s never gave %s", test.schema, test.want)
		}
	}
}

func TestMutationsLeaveTheOriginalAlone(t *testing.T) {
	t.Parallel()
	for name, schema := range schemas {
		g := instance.New(compile(t, schema), source(3))
		for range 50 {
			v, _ := g.Valid()
			before, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			g.Mutate(v)
			if after, err := json.Marshal(v); err != nil || string(after) != string(before) {
				t.Fatalf("%s: %s became %s (%v)", name, before, after, err)
			}
		}
	}
}

// TestMutationsCrossEveryKeyword: for each schema that refuses anything, some
// mutation of a valid document is refused, and is still JSON.
func TestMutationsCrossEveryKeyword(t *testing.T) {
	t.Parallel()
	for name, schema := range schemas {
		if name == "anything" {
			continue
		}
		s := compile(t, schema)
		g := instance.New(s, source(5))
		refused := 0
		for range 200 {
			v, _ := g.Valid()
			if s.Validate(reread(t, g.Mutate(v))) != nil {
				refused++
			}
		}
		if refused < 20 {
			t.Errorf("%s: only %d of 200 mutations are refused", name, refused)
		}
	}
}

// TestProtocol: every definition of the protocol has documents.
func TestProtocol(t *testing.T) {
	t.Parallel()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	c.AssertContent = true
	if err := c.AddResource("dwp.json", strings.NewReader(string(schema.DWP))); err != nil {
		t.Fatal(err)
	}
	var document struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(schema.DWP, &document); err != nil {
		t.Fatal(err)
	}
	for name := range document.Defs {
		s, err := c.Compile("dwp.json#/$defs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		g := instance.New(s, source(1))
		for range 50 {
			if _, ok := g.Valid(); !ok {
				t.Fatalf("no document of %s", name)
			}
		}
	}
}
