package breaking

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func read(t *testing.T, name string) Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return Schema{name + ".json", text}
}

// TestPreparedChanges compares old.json with each other schema of testdata; the
// golden beside it is the report.
func TestPreparedChanges(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(paths) < 11 {
		t.Fatalf("only %d schemas: %v", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if name == "old" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := Compare(read(t, "old"), read(t, name), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := report.WriteText(&got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if errors.Is(err, os.ErrNotExist) {
				t.Fatalf("no golden; -update writes it:\n%s", &got)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
