package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBreakingExits(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "gen", "internal", "breaking", "testdata")
	old := filepath.Join(dir, "old.json")
	accept := filepath.Join(t.TempDir(), "accept.json")
	if err := os.WriteFile(accept, []byte(`[{"pointer": "#/$defs/CreateRequest/properties/title/maxLength", "reason": "Every client keeps to it."}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		args           []string
		status         int
		stdout, stderr string // each a part of what is printed
	}{
		{"no change", []string{"-against", old, old}, 0, "0 changes, 0 of them harmful", ""},
		{"a breaking change", []string{"-against", old, filepath.Join(dir, "member-becomes-required.json")}, 1, `witness: {"title":"x"}`, ""},
		{"an accepted change", []string{"-accept", accept, "-against", old, filepath.Join(dir, "bound-tightens.json")}, 0, "accepted: Every client keeps to it.", ""},
		{"JSON", []string{"-json", "-against", old, filepath.Join(dir, "method-is-renamed.json")}, 1, `"pointer": "#/x-dwp-methods/task.close"`, ""},
		{"no old schema", []string{old}, 2, "", "usage:"},
		{"no new schema", []string{"-against", old}, 2, "", "usage:"},
		{"an unknown flag", []string{"-with", old}, 2, "", "usage:"},
		{"a missing file", []string{"-against", old, "nothing.json"}, 2, "", "nothing.json"},
		{"a missing accept file", []string{"-accept", "nothing.json", "-against", old, old}, 2, "", "nothing.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr strings.Builder
			if status := run(append([]string{"breaking"}, test.args...), &stdout, &stderr); status != test.status {
				t.Errorf("status %d, want %d\n%s%s", status, test.status, &stdout, &stderr)
			}
			if !strings.Contains(stdout.String(), test.stdout) {
				t.Errorf("stdout:\n%s", &stdout)
			}
			if !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("stderr:\n%s", &stderr)
			}
		})
	}
}
