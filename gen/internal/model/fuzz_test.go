package model_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// FuzzBuild: whatever the schema, it is refused with problems that say where and
// why, or it is a complete model. Nothing panics.
func FuzzBuild(f *testing.F) {
	for _, pattern := range []string{"../../../schema/dwp.json", "../../testdata/golden/*/schema.json", "../../testdata/bad/*.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, seed := range []string{
		`true`, `false`, `{}`, `[]`, `{"$ref": "#"}`, `{"allOf": [{"$ref": "#"}]}`, `{"oneOf": [{"$ref": "#"}, {"type": "null"}]}`,
		`{"$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}}`,
		`{"$defs": {"A": {"type": "array", "items": {"$ref": "#/$defs/A"}}, "B": {"type": "object", "properties": {"b": {"$ref": "#/$defs/B"}}, "required": ["b"]}}}`,
		`{"$defs": {"U": {"oneOf": [{"$ref": "#/$defs/U"}, {"type": "string"}]}}}`,
		`{"$defs": {"U": {"anyOf": [{"$ref": "#/$defs/V"}, {"type": "string"}]}, "V": {"anyOf": [{"$ref": "#/$defs/U"}, {"type": "integer"}]}}}`,
		`{"type": "object", "properties": {"a": {"type": ["string", "integer", "null"]}}, "patternProperties": {"(": {}}}`,
		`{"type": "integer", "minimum": 1e999999999, "multipleOf": 0}`,
		`{"type": "array", "prefixItems": [{"$ref": "#"}], "minItems": 1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := parse.Load("fuzz.json", func(name string) ([]byte, error) {
			if name == "fuzz.json" {
				return data, nil
			}
			return nil, os.ErrNotExist
		})
		if err != nil {
			hold(t, err)
			return
		}
		m, err := model.Build(doc)
		if err != nil {
			hold(t, err)
			return
		}
		for _, d := range m.Decls {
			if d.Info().Name == "" || d.Info().Value == nil {
				t.Errorf("the declaration %+v is incomplete", d.Info())
			}
			for _, u := range model.Uses(d) {
				if u == nil {
					t.Errorf("%s is made of a type that is none", d.Info().Name)
				}
			}
		}
	})
}

// hold refuses a refusal that does not say where and why.
func hold(t *testing.T, err error) {
	t.Helper()
	var problems source.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("the error is %T: %v", err, err)
	}
	for _, p := range problems {
		if p.Position.File == "" || p.Position.Line < 1 || p.Message == "" || p.Hint == "" {
			t.Errorf("the problem is incomplete: %+v", p)
		}
	}
}
