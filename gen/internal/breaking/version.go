package breaking

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// version is one of the schemas that are compared.
type version struct {
	Schema
	document document
	strict   *validator        // as it is written
	exact    *validator        // as generated code writes: no members but those that are named
	lenient  *validator        // as generated code reads: open enums take any string
	api      map[string]string // what its Go exports, once that is known
}

func newVersion(s Schema) (*version, error) {
	d, err := parse(s.Name, s.Text)
	if err != nil {
		return nil, err
	}
	return &version{
		Schema: s, document: d,
		strict:  &validator{of: d, change: func(_, _ map[string]any) {}},
		exact:   &validator{of: d, change: exact},
		lenient: &validator{of: d, change: lenient},
	}, nil
}

// check compiles everything.
func (v *version) check() error {
	for _, root := range roots(v.document) {
		if _, err := v.strict.at(root); err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
	}
	return nil
}

// roots are the places of the schemas that messages are made of: the
// definitions, and what events and methods hold themselves.
func roots(d document) (all []pointer) {
	for _, keyword := range []string{"$defs", "definitions"} {
		for _, name := range slices.Sorted(maps.Keys(d.object(pointer{keyword}))) {
			all = append(all, pointer{keyword, name})
		}
	}
	for _, definition := range all {
		events := definition.to("x-dwp-events")
		for _, name := range slices.Sorted(maps.Keys(d.object(events))) {
			if p := events.to(name, "payload"); d.object(p) != nil {
				all = append(all, p)
			}
		}
	}
	methods := d.object(pointer{"x-dwp-methods"})
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		for _, part := range []string{"request", "response"} {
			if p := (pointer{"x-dwp-methods", name, part}); d.object(p) != nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// validator compiles the schemas within a document, each once and only when asked for.
type validator struct {
	of       document
	change   func(c, was map[string]any) // what is changed in each object of the document
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
	broken   error
}

// url is the name of every document while it is compiled; references within it stay local.
const url = "https://example.com/schema.json"

func (v *validator) load() error {
	if v.compiler != nil {
		return v.broken
	}
	d := rewrite(map[string]any(v.of), v.change).(map[string]any)
	delete(d, "$id")
	v.compiled = map[string]*jsonschema.Schema{}
	v.compiler = jsonschema.NewCompiler()
	v.compiler.AssertFormat = true
	v.compiler.AssertContent = true
	var b []byte
	if b, v.broken = json.Marshal(d); v.broken == nil {
		v.broken = v.compiler.AddResource(url, bytes.NewReader(b))
	}
	return v.broken
}

// at returns the compiled schema at a place.
func (v *validator) at(p pointer) (*jsonschema.Schema, error) {
	if err := v.load(); err != nil {
		return nil, err
	}
	if s := v.compiled[p.String()]; s != nil {
		return s, nil
	}
	s, err := v.compiler.Compile(url + p.String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	v.compiled[p.String()] = s
	return s, nil
}

// rewrite returns a copy of a schema in which change has had a look at each
// object, with the object as it was.
func rewrite(v any, change func(c, was map[string]any)) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for name, member := range v {
			c[name] = rewrite(member, change)
		}
		change(c, v)
		return c
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = rewrite(item, change)
		}
		return c
	}
	return v
}

// lenient makes a schema accept what generated code reads: an enum that is not closed takes
// any string, as an unknown value is kept, and an object whose unknown members
// are an error takes none.
func lenient(c, was map[string]any) {
	if values, ok := was["enum"].([]any); ok && len(stringsOf(values)) == len(values) && keepsUnknown(was) {
		delete(c, "enum")
		c["type"] = "string"
	}
	if was["x-dwp-unknown"] == "reject" {
		c["additionalProperties"] = false
	}
}

// exact makes a schema accept what generated code writes: nothing but named members,
// where one schema names them all.
func exact(c, was map[string]any) {
	if was["type"] != "object" || !open(was) {
		return
	}
	for _, keyword := range []string{"$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"} {
		if was[keyword] != nil {
			return
		}
	}
	c["additionalProperties"] = false
}

// refusal returns the first thing that is wrong with a document, "" if nothing is.
func refusal(s *jsonschema.Schema, v any) string {
	err := s.Validate(v)
	if err == nil {
		return ""
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return err.Error()
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	place := invalid.InstanceLocation
	if place == "" {
		return invalid.Message
	}
	return place + ": " + invalid.Message
}
