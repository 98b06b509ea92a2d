package main

import (
	"strings"
	"testing"
)

func TestUnknownSetsWhatASchemaLeavesOpen(t *testing.T) {
	t.Parallel()
	const (
		keeps   = "Extra map[string]json.RawMessage"
		refuses = "s.Fail(codec.ErrUnknown"
	)
	silent := `{"$defs": {"A": {"type": "object", "properties": {"b": {"type": "string"}}}}}`
	for _, test := range []struct {
		name, schema, policy string
		keeps, refuses       bool
	}{
		{"nothing is said", silent, "ignore", false, false},
		{"keep", silent, "keep", true, false},
		{"reject", silent, "reject", false, true},
		{"the schema wants them", `{"$defs": {"A": {"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": true}}}`, "reject", false, false},
		{"the schema refuses them", `{"$defs": {"A": {"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": false}}}`, "keep", false, true},
		{"the schema says what it wants", `{"$defs": {"A": {"type": "object", "properties": {"b": {"type": "string"}}, "x-dwp-unknown": "ignore"}}}`, "keep", false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, _, stderr, file := attempt(t, test.schema, "-unknown", test.policy)
			if status != 0 {
				t.Fatalf("status %d: %s", status, stderr)
			}
			if got := strings.Contains(file, keeps); got != test.keeps {
				t.Errorf("kept: %v", got)
			}
			if got := strings.Contains(file, refuses); got != test.refuses {
				t.Errorf("refused: %v", got)
			}
		})
	}
	if status, _, stderr, file := attempt(t, silent, "-unknown", "drop"); status != 2 || file != old || !strings.Contains(stderr, "ignore, keep, reject") {
		t.Errorf("status %d: %s", status, stderr)
	}
}
