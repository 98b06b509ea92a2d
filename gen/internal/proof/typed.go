package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/gen/internal/source"
	"github.com/xraph/dispatch/internal/jsonpointer"
)

// Most schemas of the suite name no type, so that a number passes where only
// strings are constrained. The generator refuses them and says which type to add. Whoever
// follows the hints has another schema, whose tests say something too: here the validator says what
// is valid, and the keywords get their proof.

var addType = regexp.MustCompile(`^add "type": "(\w+)"$`)

// withTypes follows the hints of a refusal, false if it has none.
func withTypes(schema []byte, refusal error) ([]byte, bool) {
	var problems source.Problems
	if !errors.As(refusal, &problems) {
		return nil, false
	}
	var root any
	dec := json.NewDecoder(bytes.NewReader(schema))
	dec.UseNumber()
	if err := dec.Decode(&root); err != nil {
		return nil, false
	}
	followed := false
	for _, p := range problems {
		hint := addType.FindStringSubmatch(p.Hint)
		if hint == nil {
			continue
		}
		at := root
		steps := strings.Split(strings.TrimPrefix(p.Pointer, "#"), "/")
		for _, step := range steps[1 : len(steps)-1] {
			at = child(at, jsonpointer.Unescape(step))
		}
		if object, ok := at.(map[string]any); ok && object["type"] == nil {
			delete(object, "contentSchema") // an annotation, which the validator asserts
			object["type"] = hint[1]
			followed = true
		}
	}
	if !followed {
		return nil, false
	}
	out, err := json.Marshal(root)
	return out, err == nil
}

func child(v any, step string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[step]
	case []any:
		var i int
		if _, err := fmt.Sscan(step, &i); err == nil && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// typed adds a group's schema with the types that the generator asks for, until
// it is accepted or refused for another reason.
func (m *Module) typed(name string, schema []byte, refusal error) (*Package, *jsonschema.Schema) {
	for range 10 {
		var ok bool
		if schema, ok = withTypes(schema, refusal); !ok {
			return nil, nil
		}
		p, err := m.Add(name, schema, rootType)
		if err != nil {
			refusal = err
			continue
		}
		compiled, err := compiler().Compile(scheme + p.Schema)
		if err != nil {
			return nil, nil
		}
		return p, compiled
	}
	return nil, nil
}
