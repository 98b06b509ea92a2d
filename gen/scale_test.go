package gen_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// TestAllocationsGrowLinearly: four times the definitions cost about four times the
// memory. Nothing runs beside it, because the count is the process's.
func TestAllocationsGrowLinearly(t *testing.T) { //nolint:paralleltest // see above
	cost := func(n int) (objects, size float64) {
		name := filepath.Join(t.TempDir(), "schema.json")
		if err := os.WriteFile(name, []byte(large(n)), 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := gen.Generate(gen.Config{Schema: name, Target: "types", Package: "large", Out: filepath.Join(t.TempDir(), "large.go")}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
	}
	cost(50) // what is made once
	objects, size := cost(100)
	moreObjects, moreSize := cost(400)
	const most = 4 * 1.3
	if ratio := moreObjects / objects; ratio > most {
		t.Errorf("four times the definitions want %.1f times the allocations", ratio)
	}
	if ratio := moreSize / size; ratio > most {
		t.Errorf("four times the definitions want %.1f times the memory", ratio)
	}
}
