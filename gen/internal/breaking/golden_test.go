package breaking_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/gen"
)

var update = flag.Bool("update", false, "write the golden files")

// TestPreparedChanges compares old.json with each other schema of testdata; the
// golden beside it is the report, witnesses and all.
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
			report, err := gen.Breaking(gen.BreakingConfig{Old: filepath.Join("testdata", "old.json"), New: path})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := report.WriteText(&got); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".json") + ".txt"
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
