package conform_test

import (
	"encoding/json"
	"math/big"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// normal returns a document as a Go value of its definition has to keep it: two
// documents that mean the same become the same. What goes are members that the
// definition does not name or that clients never set, and optional ones that hold what their
// absence means; numbers and times get one spelling. Free-form JSON stays as it is.
func (d definition) normal(v any) any { return normal(d.compiled, d.written, v) }

func normal(s *jsonschema.Schema, written map[string]any, v any) any {
	for s.Ref != nil {
		s, written = s.Ref, nil
	}
	switch v := v.(type) {
	case map[string]any:
		if s.Properties == nil {
			return v
		}
		members, _ := written["properties"].(map[string]any)
		kept := map[string]any{}
		for name, value := range v {
			member, known := s.Properties[name]
			said, _ := members[name].(map[string]any)
			if known && said["x-dwp-unset"] == nil && !absent(member, value) {
				kept[name] = normal(member, said, value)
			}
		}
		for _, name := range s.Required {
			if value, there := v[name]; there {
				kept[name] = normal(s.Properties[name], nil, value)
			}
		}
		return kept
	case []any:
		if s.Items2020 == nil {
			return v
		}
		kept := []any{}
		for _, item := range v {
			kept = append(kept, normal(s.Items2020, nil, item))
		}
		return kept
	case json.Number:
		if n, ok := new(big.Rat).SetString(string(v)); ok && len(s.Types) > 0 {
			return json.Number(n.RatString())
		}
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil && s.Format == "date-time" {
			return at.UTC().Format(time.RFC3339Nano)
		}
	}
	return v
}

// absent reports whether an optional member holds a value that Go does not distinguish from its
// absence.
func absent(s *jsonschema.Schema, v any) bool {
	if s.Default != nil && s.Default == v {
		return true
	}
	for s.Ref != nil {
		s = s.Ref
	}
	return s.ContentEncoding == "base64" && v == ""
}
