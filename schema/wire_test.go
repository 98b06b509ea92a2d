package schema_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/schema"
)

// part is a document of a conversation and the definition that it should have:
// a frame, its data, or its event's payload.
type part struct {
	name       string // such as "json.jsonl req-6 data"
	definition *jsonschema.Schema
	document   any
	err        error // why there is no definition
}

// protocol finds the definitions that dwp.json names.
type protocol struct {
	compiler *jsonschema.Compiler
	document map[string]any
}

func newProtocol(t *testing.T) *protocol {
	return &protocol{compiler(t), parse(t, schema.DWP).(map[string]any)}
}

// at compiles the schema at a JSON pointer into dwp.json.
func (p *protocol) at(pointer string) (*jsonschema.Schema, error) {
	return p.compiler.Compile(dwpURL + "#" + pointer)
}

// ofMethod returns the definition that a method names of its request or its response.
func (p *protocol) ofMethod(method, member string) (*jsonschema.Schema, error) {
	annotated, err := lookup(p.document, "/x-dwp-methods/"+method)
	if err != nil || method == "" {
		return nil, fmt.Errorf("no method %q", method)
	}
	if status, declared := annotated["status"]; declared {
		return nil, fmt.Errorf("method %q is answered with %v", method, status)
	}
	if _, there := annotated[member]; !there {
		return nil, fmt.Errorf("method %q has no %s", method, member)
	}
	return p.at("/x-dwp-methods/" + method + "/" + member)
}

// ofEvent returns the definition that an event type names of its payload.
func (p *protocol) ofEvent(event string) (*jsonschema.Schema, error) {
	pointer := "/$defs/EventType/x-dwp-events/" + event
	if _, err := lookup(p.document, pointer); err != nil {
		return nil, fmt.Errorf("no event type %q", event)
	}
	return p.at(pointer + "/payload")
}

// parts takes every recorded conversation apart.
func parts(t *testing.T, p *protocol) []part {
	t.Helper()
	var all []part
	conversations := recordings(t)
	for _, file := range slices.Sorted(maps.Keys(conversations)) {
		asked := map[string]string{} // method by request id
		for _, r := range conversations[file] {
			add := func(what string, document any) func(*jsonschema.Schema, error) {
				return func(definition *jsonschema.Schema, err error) {
					id := r.frame["id"].(string)
					if correlated, ok := r.frame["correl_id"]; ok {
						id = "answer to " + correlated.(string)
					}
					all = append(all, part{file + " " + id + " " + what, definition, document, err})
				}
			}
			add("frame", r.frame)(p.at("/$defs/Frame"))
			method, _ := r.frame["method"].(string)
			data, hasData := r.frame["data"]
			switch r.frame["type"] {
			case "request":
				asked[r.frame["id"].(string)] = method
				if definition, err := p.ofMethod(method, "request"); hasData || err != nil && method != "stats" {
					add("data", data)(definition, err)
				}
			case "response":
				add("data", data)(p.ofMethod(asked[r.frame["correl_id"].(string)], "response"))
			case "event":
				if r.sent {
					continue // a grant of credits
				}
				add("envelope", data)(p.at("/$defs/EventEnvelope"))
				envelope := data.(map[string]any)
				add("payload", envelope["data"])(p.ofEvent(envelope["type"].(string)))
			}
		}
	}
	return all
}

// mistakes are what the recorded client did wrong on purpose, and why each part fails.
// (One more, a frame that does not decode, was sent outside the record: only its answer is there.)
var mistakes = map[string]string{
	"json.jsonl req-22 data":    `no method "no.such"`,
	"json.jsonl req-23 data":    `method "job.list" is answered with 405`,
	"json.jsonl req-24 data":    `expected object, but got string`,
	"json.jsonl req-26 data":    `no method ""`,
	"msgpack.jsonl req-22 data": `no method "no.such"`,
	"msgpack.jsonl req-23 data": `method "job.list" is answered with 405`,
	"msgpack.jsonl req-24 data": `expected object, but got string`,
	"msgpack.jsonl req-26 data": `no method ""`,
}

func TestRecordingsAreValid(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, part := range parts(t, newProtocol(t)) {
		err := part.err
		if err == nil {
			err = part.definition.Validate(part.document)
		}
		switch why, mistake := mistakes[part.name]; {
		case mistake:
			found[part.name] = true
			if err == nil || !strings.Contains(detail(err), why) {
				t.Errorf("%s: got %v, want %s", part.name, err, why)
			}
		case err != nil:
			t.Errorf("%s: %s", part.name, detail(err))
		}
	}
	for name := range mistakes {
		if !found[name] {
			t.Errorf("%s is not in the recordings", name)
		}
	}
}

// detail tells all that a validation error knows.
func detail(err error) string {
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		return invalid.GoString()
	}
	return err.Error()
}

// TestDamagedRecordingsAreInvalid takes each recorded document, and each
// example of the definitions that no recording shows, damages one required or
// typed member of a copy at a time, and wants it refused.
func TestDamagedRecordingsAreInvalid(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	documents := parts(t, p)
	for name, definition := range definitions(t) {
		examples, _ := definition.(map[string]any)["examples"].([]any)
		for _, example := range examples {
			compiled, err := p.at("/$defs/" + name)
			documents = append(documents, part{"example of " + name, compiled, example, err})
		}
	}
	damaged := map[string]int{} // by definition
	for _, part := range documents {
		if _, mistake := mistakes[part.name]; mistake {
			continue
		}
		damage(part.definition, part.document, "", func(what string) {
			damaged[resolve(part.definition).Location]++
			if part.definition.Validate(part.document) == nil {
				t.Errorf("%s with %s is accepted", part.name, what)
			}
		})
	}
	for name, definition := range definitions(t) {
		if definition.(map[string]any)["type"] == "object" && damaged[dwpURL+"#/$defs/"+name] == 0 {
			t.Errorf("no document of %s could be made invalid: add \"examples\" to the definition in dwp.json, with a required member or one that has a type", name)
		}
	}
}

// damage changes one place of the document after the other, calls check, and
// mends it again.
func damage(s *jsonschema.Schema, document any, path string, check func(what string)) {
	s = resolve(s)
	switch document := document.(type) {
	case map[string]any:
		for _, name := range s.Required {
			whole := document[name]
			delete(document, name)
			check("no " + path + "/" + name)
			document[name] = whole
		}
		for name, value := range document {
			member, known := s.Properties[name]
			if !known {
				continue
			}
			for _, other := range otherTypes(resolve(member)) {
				document[name] = other
				check(fmt.Sprintf("%v as %s/%s", other, path, name))
			}
			document[name] = value
			damage(member, value, path+"/"+name, check)
		}
	case []any:
		item := s.Items2020
		if item == nil {
			return
		}
		for i, value := range document {
			for _, other := range otherTypes(resolve(item)) {
				document[i] = other
				check(fmt.Sprintf("%v as %s/%d", other, path, i))
			}
			document[i] = value
			damage(item, value, fmt.Sprintf("%s/%d", path, i), check)
		}
	}
}

// otherTypes returns a value of each JSON type that the schema does not list; none if it lists no
// type.
func otherTypes(s *jsonschema.Schema) []any {
	if len(s.Types) == 0 {
		return nil
	}
	var others []any
	for name, value := range map[string]any{
		"null": nil, "boolean": true, "string": "text", "number": 1.5,
		"array": []any{}, "object": map[string]any{},
	} {
		if !slices.Contains(s.Types, name) {
			others = append(others, value)
		}
	}
	return others
}

// resolve follows references to the definition itself.
func resolve(s *jsonschema.Schema) *jsonschema.Schema {
	for s.Ref != nil {
		s = s.Ref
	}
	return s
}
