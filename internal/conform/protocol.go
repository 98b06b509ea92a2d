// Package conform checks the frames of a conversation against the schema: each frame, its data by
// its method, with replies matched to their requests, and the payload of an event by its type.
package conform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/schema"
)

// protocol is dwp.json, compiled.
type protocol struct {
	frame    *jsonschema.Schema
	envelope *jsonschema.Schema
	methods  map[string]method
	events   map[string]*jsonschema.Schema // the payload by the event's type
}

// method is a method in the schema; nil is no data. A declared method has a status
// and nothing else.
type method struct {
	request, response *jsonschema.Schema
	declared          bool
}

// compiled is compiled once: it takes long, and nothing changes it.
var compiled = sync.OnceValues(compile)

func compile() (*protocol, error) {
	var document struct {
		ID      string                                `json:"$id"`
		Methods map[string]map[string]json.RawMessage `json:"x-dwp-methods"`
		Defs    struct {
			EventType struct {
				Events map[string]json.RawMessage `json:"x-dwp-events"`
			} `json:"EventType"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(schema.DWP, &document); err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat, compiler.AssertContent = true, true
	if err := compiler.AddResource(document.ID, bytes.NewReader(schema.DWP)); err != nil {
		return nil, err
	}
	var failures []error
	at := func(pointer string) *jsonschema.Schema {
		s, err := compiler.Compile(document.ID + "#" + pointer)
		failures = append(failures, err)
		return s
	}
	p := &protocol{at("/$defs/Frame"), at("/$defs/EventEnvelope"), map[string]method{}, map[string]*jsonschema.Schema{}}
	for name, members := range document.Methods {
		var m method
		if members["request"] != nil {
			m.request = at("/x-dwp-methods/" + name + "/request")
		}
		if members["response"] != nil {
			m.response = at("/x-dwp-methods/" + name + "/response")
		}
		_, m.declared = members["status"]
		p.methods[name] = m
	}
	for name := range document.Defs.EventType.Events {
		p.events[name] = at("/$defs/EventType/x-dwp-events/" + name + "/payload")
	}
	return p, errors.Join(failures...)
}

// validate checks JSON text against a definition; what names it in the error.
func validate(what string, s *jsonschema.Schema, text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var document any
	if err := dec.Decode(&document); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	err := s.Validate(document)
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		return fmt.Errorf("%s: %s", what, reasons(invalid))
	}
	return err
}

// reasons are the innermost causes, with where they are.
func reasons(e *jsonschema.ValidationError) string {
	if len(e.Causes) == 0 {
		return fmt.Sprintf("%s at %q", e.Message, e.InstanceLocation)
	}
	var parts []string
	for _, cause := range e.Causes {
		parts = append(parts, reasons(cause))
	}
	return strings.Join(parts, "; ")
}
