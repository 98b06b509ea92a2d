package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/schema"
)

const (
	dwpURL        = "https://github.com/xraph/dispatch/schema/dwp.json"
	vocabularyURL = "https://github.com/xraph/dispatch/schema/vocabulary.json"
)

// compiler knows both documents by their ids and asserts formats and contents.
func compiler(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	c.AssertContent = true
	for url, text := range map[string][]byte{dwpURL: schema.DWP, vocabularyURL: schema.Vocabulary} {
		if err := c.AddResource(url, bytes.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func compile(t *testing.T, url string) *jsonschema.Schema {
	t.Helper()
	s, err := compiler(t).Compile(url)
	if err != nil {
		t.Fatalf("%#v", err)
	}
	return s
}

// parse decodes a JSON document as the validator wants it: numbers as json.Number.
func parse(t *testing.T, text []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// definitions returns the names under $defs.
func definitions(t *testing.T) map[string]any {
	t.Helper()
	return parse(t, schema.DWP).(map[string]any)["$defs"].(map[string]any)
}

func TestDocumentsAreSchemas(t *testing.T) {
	t.Parallel()
	for _, url := range []string{dwpURL, vocabularyURL} {
		compile(t, url)
	}
	for name := range definitions(t) {
		compile(t, dwpURL+"#/$defs/"+name)
	}
}

func TestProtocolIsValidUnderItsVocabulary(t *testing.T) {
	t.Parallel()
	if err := compile(t, vocabularyURL).Validate(parse(t, schema.DWP)); err != nil {
		t.Errorf("%#v", err)
	}
}

// TestVocabularyRefusesMisuse edits one place of dwp.json at a time.
func TestVocabularyRefusesMisuse(t *testing.T) {
	t.Parallel()
	vocabulary := compile(t, vocabularyURL)
	tests := []struct {
		name    string
		pointer string // the object that gets the member
		member  string
		value   string // JSON; empty removes the member
	}{
		{"an unknown keyword at the root", "", "x-dwp-metods", `{}`},
		{"an unknown keyword on a definition", "/$defs/Job", "x-dwp-goname", `"Job"`},
		{"an unknown keyword on a member", "/$defs/Job/properties/timeout", "x-dwp-units", `"ns"`},
		{"an unknown keyword deep inside", "/$defs/Job/properties/payload", "not", `{"items": {"x-dwp-name": "x"}}`},
		{"methods below the root", "/$defs/Job", "x-dwp-methods", `{}`},
		{"a broken standard keyword", "/$defs/Job", "required", `"id"`},
		{"a broken standard keyword on a member", "/$defs/Job/properties/id", "minLength", `-1`},
		{"methods that are a list", "", "x-dwp-methods", `[]`},
		{"a method without a description", "/x-dwp-methods/job.get", "description", ``},
		{"a method without a response", "/x-dwp-methods/job.get", "response", ``},
		{"a method without idempotency", "/x-dwp-methods/job.get", "idempotency", ``},
		{"a method of unknown idempotency", "/x-dwp-methods/job.get", "idempotency", `"mostly"`},
		{"a method without a Go name", "/x-dwp-methods/job.get", "go", ``},
		{"a method with a private Go name", "/x-dwp-methods/job.get", "go", `"getJob"`},
		{"a method with an unknown member", "/x-dwp-methods/job.get", "retries", `3`},
		{"a method whose request is no schema", "/x-dwp-methods/job.get", "request", `{"type": "strin"}`},
		{"a method whose response has an unknown keyword", "/x-dwp-methods/job.get", "response", `{"x-dwp-no": 1}`},
		{"an argument named twice", "/x-dwp-methods/job.get", "args", `["job_id", "job_id"]`},
		{"arguments without a request", "/x-dwp-methods/stats", "args", `["name"]`},
		{"a result that is not none", "/x-dwp-methods/job.cancel", "result", `"some"`},
		{"a session method with a Go name", "/x-dwp-methods/subscribe", "go", `"Subscribe"`},
		{"a declared method with a request", "/x-dwp-methods/job.list", "request", `{}`},
		{"a status that is no error", "/x-dwp-methods/job.list", "status", `200`},
		{"an upper-case method", "/x-dwp-methods", "JobGet", `{"status": 405}`},
		{"an error code that is no number", "/x-dwp-errors", "teapot", `{"go": "Teapot", "description": "x"}`},
		{"an error without a Go name", "/x-dwp-errors/404", "go", ``},
		{"a scope without a description", "/x-dwp-scopes/job:read", "description", ``},
		{"a channel prefix without a parameter", "/x-dwp-channels/job:", "param", ``},
		{"a whole channel with a parameter", "/x-dwp-channels/jobs", "param", `"job_id"`},
		{"a target that does not exist", "/$defs/Frame", "x-dwp-target", `"server"`},
		{"a Go name with a space", "/$defs/Job", "x-dwp-go-name", `"A job"`},
		{"a Go type that is not offered", "/$defs/EnqueueResult/properties/state", "x-dwp-go-type", `"int"`},
		{"a unit that is not one", "/$defs/Job/properties/timeout", "x-dwp-unit", `"minutes"`},
		{"a unit on a string", "/$defs/Job/properties/name", "x-dwp-unit", `"ns"`},
		{"an unset that is false", "/$defs/SubscribeRequest/properties/credits", "x-dwp-unset", `false`},
		{"a skip without a reason", "/$defs/Job", "x-dwp-skip", `""`},
		{"an unknown policy", "/$defs/Job", "x-dwp-unknown", `"drop"`},
		{"a prefix on what is no enum", "/$defs/Job", "x-dwp-go-prefix", `"Job"`},
		{"closed on what is no enum", "/$defs/Job", "x-dwp-closed", `true`},
		{"values of what is no enum", "/$defs/Job", "x-dwp-values", `{}`},
		{"a value without a description", "/$defs/JobState/x-dwp-values/pending", "description", ``},
		{"an event without a payload", "/$defs/EventType/x-dwp-events/cron.fired", "payload", ``},
		{"an event whose payload is no schema", "/$defs/EventType/x-dwp-events/cron.fired", "payload", `7`},
		{"an event with an unknown member", "/$defs/EventType/x-dwp-events/cron.fired", "topic", `"x"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document := parse(t, schema.DWP)
			object, err := lookup(document, test.pointer)
			if err != nil {
				t.Fatal(err)
			}
			if test.value == "" {
				if _, there := object[test.member]; !there {
					t.Fatalf("%s has no %s to remove", test.pointer, test.member)
				}
				delete(object, test.member)
			} else {
				object[test.member] = parse(t, []byte(test.value))
			}
			if vocabulary.Validate(document) == nil {
				t.Error("accepted")
			}
		})
	}
}

// TestExamplesAreValid holds each definition to its own examples.
func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	for name, definition := range definitions(t) {
		definition := definition.(map[string]any)
		examples, _ := definition["examples"].([]any)
		if len(examples) == 0 && definition["type"] == "object" {
			t.Errorf("%s has no example", name)
		}
		s := compile(t, dwpURL+"#/$defs/"+name)
		for i, example := range examples {
			if err := s.Validate(example); err != nil {
				t.Errorf("example %d of %s: %#v", i, name, err)
			}
		}
	}
}

// lookup finds the object that a JSON pointer names.
func lookup(document any, pointer string) (map[string]any, error) {
	object, ok := document.(map[string]any)
	for _, token := range strings.Split(pointer, "/")[1:] {
		if object, ok = object[token].(map[string]any); !ok {
			break
		}
	}
	if !ok {
		return nil, fmt.Errorf("nothing at %s", pointer)
	}
	return object, nil
}
