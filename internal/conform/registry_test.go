package conform_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
	"github.com/xraph/dispatch/schema"
)

// generated holds a new value of the type that each definition became. A
// definition that is not here fails the tests.
var generated = map[string]func() any{
	"AuthRequest":             func() any { return new(wire.AuthRequest) },
	"AuthResult":              func() any { return new(wire.AuthResult) },
	"BrokerStats":             func() any { return new(client.BrokerStats) },
	"CancelJobRequest":        func() any { return new(client.CancelJobRequest) },
	"CancelJobResult":         func() any { return new(wire.CancelJobResult) },
	"CronEvent":               func() any { return new(client.CronEvent) },
	"EnqueueRequest":          func() any { return new(client.EnqueueRequest) },
	"EnqueueResult":           func() any { return new(client.EnqueueResult) },
	"ErrorDetail":             func() any { return new(wire.ErrorDetail) },
	"EventEnvelope":           func() any { return new(wire.EventEnvelope) },
	"EventType":               func() any { return new(client.EventType) },
	"FederationStats":         func() any { return new(client.FederationStats) },
	"Format":                  func() any { return new(wire.Format) },
	"Frame":                   func() any { return new(wire.Frame) },
	"FrameType":               func() any { return new(wire.FrameType) },
	"GetJobRequest":           func() any { return new(client.GetJobRequest) },
	"GetWorkflowRequest":      func() any { return new(client.GetWorkflowRequest) },
	"Job":                     func() any { return new(client.Job) },
	"JobEvent":                func() any { return new(client.JobEvent) },
	"JobState":                func() any { return new(client.JobState) },
	"PublishEventRequest":     func() any { return new(client.PublishEventRequest) },
	"PublishEventResult":      func() any { return new(wire.PublishEventResult) },
	"RunState":                func() any { return new(client.RunState) },
	"StartWorkflowRequest":    func() any { return new(client.StartWorkflowRequest) },
	"Stats":                   func() any { return new(client.Stats) },
	"SubscribeRequest":        func() any { return new(wire.SubscribeRequest) },
	"SubscribeResult":         func() any { return new(wire.SubscribeResult) },
	"TimelineEntry":           func() any { return new(client.TimelineEntry) },
	"UnsubscribeRequest":      func() any { return new(wire.UnsubscribeRequest) },
	"UnsubscribeResult":       func() any { return new(wire.UnsubscribeResult) },
	"WorkflowEvent":           func() any { return new(client.WorkflowEvent) },
	"WorkflowResult":          func() any { return new(client.WorkflowResult) },
	"WorkflowRun":             func() any { return new(client.WorkflowRun) },
	"WorkflowTimelineRequest": func() any { return new(client.WorkflowTimelineRequest) },
}

const dwpURL = "https://github.com/xraph/dispatch/schema/dwp.json"

// definition is one of dwp.json's: compiled for the validator, and as it is written.
type definition struct {
	compiled *jsonschema.Schema
	written  map[string]any
}

// definitions returns every definition of dwp.json by its name.
func definitions(t testing.TB) map[string]definition {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	c.AssertContent = true
	c.ExtractAnnotations = true // for the defaults
	if err := c.AddResource(dwpURL, bytes.NewReader(schema.DWP)); err != nil {
		t.Fatal(err)
	}
	written := parse(t, schema.DWP).(map[string]any)["$defs"].(map[string]any)
	all := map[string]definition{}
	for name := range written {
		compiled, err := c.Compile(dwpURL + "#/$defs/" + name)
		if err != nil {
			t.Fatalf("%#v", err)
		}
		all[name] = definition{compiled, written[name].(map[string]any)}
	}
	return all
}

// parse decodes JSON as the validator wants it: numbers as json.Number.
func parse(t testing.TB, text []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// missing says what to add for a definition that is not in the registry.
func missing(name string, d definition) string {
	pkg := "client"
	if d.written["x-dwp-target"] == "wire" {
		pkg = "wire"
	}
	goName := name
	if own, ok := d.written["x-dwp-go-name"].(string); ok {
		goName = own
	}
	return fmt.Sprintf("the definition %s has no type in the tests: add this line to the map generated in registry_test.go:\n\t%q: func() any { return new(%s.%s) },", name, name, pkg, goName)
}

// TestMissingTypesAreNamed: the line to add is the one that is in the registry of a definition that
// has one.
func TestMissingTypesAreNamed(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("registry_test.go")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(string(source)), " ")
	for name, d := range definitions(t) {
		if _, line, _ := strings.Cut(missing(name, d), "\n\t"); !strings.Contains(words, line) {
			t.Errorf("registry_test.go has no %s", line)
		}
	}
}

func TestEveryDefinitionIsTested(t *testing.T) {
	t.Parallel()
	defined := definitions(t)
	for _, name := range slices.Sorted(maps.Keys(defined)) {
		if _, there := generated[name]; !there {
			t.Error(missing(name, defined[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(generated)) {
		if _, there := defined[name]; !there {
			t.Errorf("remove %q from the map generated in registry_test.go: the schema has no such definition", name)
		}
	}
}
