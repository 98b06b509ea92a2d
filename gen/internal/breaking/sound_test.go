package breaking

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/xraph/dispatch/internal/instance"
)

// TestCompatibleIsNeverAGuess: of pairs of schemas that differ in one keyword, whatever is called
// compatible has to hold for random documents of the side that writes, and
// whatever is called breaking has to have a witness.
func TestCompatibleIsNeverAGuess(t *testing.T) {
	t.Parallel()
	tests := []struct{ old, new string }{
		{`{"type": "integer"}`, `{"type": "number"}`},
		{`{"type": "integer"}`, `{"type": "string"}`},
		{`{"type": "string"}`, `{"type": ["string", "null"]}`},
		{`{"type": "string"}`, `{}`},
		{`{"type": ["integer", "string"]}`, `{"type": ["number", "boolean"]}`},
		{`{"type": "integer", "minimum": 1}`, `{"type": "integer", "minimum": 2}`},
		{`{"type": "integer", "minimum": 1}`, `{"type": "integer", "exclusiveMinimum": 0}`},
		{`{"type": "integer", "multipleOf": 2}`, `{"type": "integer", "multipleOf": 4}`},
		{`{"type": "integer", "multipleOf": 2}`, `{"type": "integer", "multipleOf": 3}`},
		{`{"type": "string", "maxLength": 4}`, `{"type": "string", "maxLength": 5}`},
		{`{"type": "string", "pattern": "^a"}`, `{"type": "string", "pattern": "^b"}`},
		{`{"type": "string", "enum": ["a", "b"]}`, `{"type": "string", "enum": ["b", "c"]}`},
		{`{"type": "string", "enum": ["a", "b"], "x-dwp-closed": true}`, `{"type": "string", "enum": ["b", "c"], "x-dwp-closed": true}`},
		{`{"type": "string", "enum": ["a", "b"]}`, `{"type": "string", "enum": ["a", "b"], "x-dwp-closed": true}`},
		{`{"type": "string", "enum": ["a", "b"]}`, `{"type": "string"}`},
		{`{"enum": [1, 2]}`, `{"enum": [1, 2, "x"]}`},
		{`{"type": "string", "enum": ["a"]}`, `{"enum": ["a", 1]}`},
		{`{"type": "string", "enum": ["a"]}`, `{}`},
		{`{"const": 1}`, `{"const": 2}`},
		{`{"type": "array", "items": {"type": "integer"}}`, `{"type": "array", "items": {"type": "number"}}`},
		{`{"type": "array", "items": {"type": "integer"}}`, `{"type": "array", "items": {"type": "integer"}, "prefixItems": [{"type": "string"}]}`},
		{`{"type": "array", "items": {"type": "integer"}, "contains": {"const": 1}}`, `{"type": "array", "items": {"type": "integer"}, "contains": {"const": 1}, "minContains": 0}`},
		{`{"type": "array", "items": {"type": "integer"}, "contains": {"const": 1}}`, `{"type": "array", "items": {"type": "integer"}, "contains": {"const": 1}, "minContains": 2}`},
		{`{"type": "array", "uniqueItems": true}`, `{"type": "array"}`},
		{`{"type": "object", "properties": {"a": {}}}`, `{"type": "object", "properties": {"a": {}, "b": {"type": "integer"}}}`},
		{`{"type": "object", "properties": {"a": {}}, "additionalProperties": false}`, `{"type": "object", "properties": {"a": {}, "b": {}}, "additionalProperties": false}`},
		{`{"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "string"}}`, `{"type": "object", "properties": {"a": {}, "b": {"type": "integer"}}, "additionalProperties": {"type": "string"}}`},
		{`{"type": "object", "properties": {"a": {}}, "unevaluatedProperties": false}`, `{"type": "object", "properties": {"a": {}, "b": {}}, "unevaluatedProperties": false}`},
		{`{"type": "object", "additionalProperties": {"type": "integer"}}`, `{"type": "object", "additionalProperties": {"type": "integer"}, "properties": {"a": {"type": "string"}}}`},
		{`{"type": "object", "patternProperties": {"^a": {"type": "integer"}}}`, `{"type": "object", "patternProperties": {"^b": {"type": "integer"}}}`},
		{`{"type": "object", "properties": {"a": {}, "b": {}}}`, `{"type": "object", "properties": {"a": {}, "b": {}}, "required": ["b"]}`},
		{`{"type": "object", "properties": {"a": {}, "b": {}}}`, `{"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}}`},
		{`{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `{"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}`},
		{`{"oneOf": [{"type": "string"}, {"type": "integer"}]}`, `{"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}]}`},
		{`{"oneOf": [{"type": "integer", "maximum": 5}, {"type": "integer", "minimum": 9}]}`, `{"oneOf": [{"type": "integer", "maximum": 12}, {"type": "integer", "minimum": 9}]}`},
		{`{"type": "integer", "not": {"minimum": 5}}`, `{"type": "integer", "not": {"minimum": 3}}`},
		{`{"type": "integer", "allOf": [{"minimum": 5}]}`, `{"type": "integer", "allOf": [{"minimum": 5}, {"maximum": 9}]}`},
		{`{"type": "integer", "if": {"minimum": 5}, "then": {"multipleOf": 2}}`, `{"type": "integer", "if": {"minimum": 3}, "then": {"multipleOf": 2}}`},
		{`{"$ref": "#/$defs/A"}`, `{"$ref": "#/$defs/B"}`},
		{`{"not": {"$ref": "#/$defs/Wide"}}`, `{"not": {"$ref": "#/$defs/Narrow"}}`},
		{`{"type": "string", "format": "date-time"}`, `{"type": "string"}`},
		{`{"type": "string", "contentEncoding": "base64"}`, `{"type": "string"}`},
		{`{"type": "integer", "x-dwp-unit": "ms"}`, `{"type": "integer", "x-dwp-unit": "s"}`},
		{`true`, `{"type": "string"}`},
		{`{"type": "string"}`, `false`},
	}
	for _, test := range tests {
		t.Run(test.old+" to "+test.new, func(t *testing.T) {
			t.Parallel()
			wrap := func(s string) Schema {
				return Schema{"test", fmt.Appendf(nil, `{"$defs": {
					"A": {"type": "string"}, "B": {"type": "string"}, "Wide": {"type": "string"}, "Narrow": {"type": "string", "minLength": 2},
					"S": {"type": "object", "properties": {"v": %s}, "required": ["v"]}}}`, s)}
			}
			before, after := wrap(test.old), wrap(test.new)
			report, err := Compare(before, after, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Changes) == 0 {
				t.Fatal("no change")
			}
			worst := func(of func(*Change) Finding) (w Finding) {
				for i := range report.Changes {
					w = worse(w, of(&report.Changes[i]))
				}
				return w
			}
			old, err := newVersion(before)
			if err != nil {
				t.Fatal(err)
			}
			now, err := newVersion(after)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, "old client, new server", worst(func(c *Change) Finding { return c.OldClient }), old, now)
			holds(t, "new client, old server", worst(func(c *Change) Finding { return c.NewClient }), now, old)
		})
	}
}

// holds checks a verdict on a client of one version and a server of another that send each other S.
func holds(t *testing.T, direction string, f Finding, client, server *version) {
	t.Helper()
	if f.Verdict != Compatible {
		t.Logf("%s: %s %s %s", direction, f.Verdict, f.Witness, f.Refused)
		return
	}
	place := pointer{"$defs", "S"}
	for _, way := range []struct {
		from *version
		to   *validator
	}{{client, server.strict}, {server, client.lenient}} {
		writes, err := way.from.strict.at(place)
		if err != nil {
			t.Fatal(err)
		}
		reads, err := way.to.at(place)
		if err != nil {
			t.Fatal(err)
		}
		g := instance.New(writes, rand.New(rand.NewPCG(3, 4)))
		for range 100 {
			v, ok := g.Valid()
			if !ok {
				break
			}
			if why := refusal(reads, v); why != "" {
				t.Fatalf("%s is called compatible, but %s is refused: %s", direction, text(v), why)
			}
		}
	}
}

func TestNoChangeIsNoChange(t *testing.T) {
	t.Parallel()
	old := read(t, "old")
	report, err := Compare(old, old, nil)
	if err != nil || len(report.Changes) != 0 || report.Harmful() != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
