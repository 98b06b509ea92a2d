package arch

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGenerateStopsAtTheFirstMistake: what make generate runs names one path of the schema, one
// command a line, so that make stops at the first that fails and a mistake is reported once.
// check-generated checks what generate writes.
func TestGenerateStopsAtTheFirstMistake(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make here")
	}
	recipe := func(target string) []string {
		cmd := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-n", target)
		cmd.Dir = filepath.Join("..", "..")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	generate, check := recipe("generate"), recipe("check-generated")
	if len(generate) < 4 || len(check) != len(generate) {
		t.Fatalf("generate runs %d commands, check-generated %d", len(generate), len(check))
	}
	for i, command := range generate {
		if !strings.HasPrefix(command, "go run ./cmd/dwpgen ") || !strings.Contains(command, " -schema schema/dwp.json ") || strings.ContainsAny(command, ";&|") {
			t.Errorf("generate runs %s", command)
		}
		if check[i] != command+" -check" {
			t.Errorf("check-generated does not check %s", command)
		}
	}
}
