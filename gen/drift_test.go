package gen_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// generated are the generated files of the repository.
var generated = []gen.Config{
	{Schema: protocolSchema, Target: "client", Package: "client", Out: "../client/zz_generated.go", Strict: true},
	{Schema: protocolSchema, Target: "wire", Package: "wire", Out: "../internal/wire/zz_generated.go", Strict: true},
	{Schema: protocolSchema, Target: "server", Package: "devserver", Out: "../devserver/zz_generated.go", Strict: true},
}

// TestGeneratedFilesAreCurrent: the files in the repository are what the schema gives.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	for _, cfg := range generated {
		t.Run(string(cfg.Target), func(t *testing.T) {
			t.Parallel()
			out, err := gen.Generate(cfg)
			if err != nil {
				t.Fatal(err)
			}
			diff, err := out.Diff()
			if err != nil {
				t.Fatal(err)
			}
			if diff != "" {
				t.Errorf("stale: run go generate ./...\n%s", diff)
			}
		})
	}
}

// TestDiffShowsWhatIsStale: a change of the file, and nothing else, is in the diff, and nothing is
// written.
func TestDiffShowsWhatIsStale(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "zz_generated.go")
	old := "package p\n\nvar a = 1\n\n\n\n\n\n\n\nvar z = 26\n"
	if err := os.WriteFile(name, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	out := &gen.Output{Files: []gen.File{{Name: name, Data: []byte("package p\n\nvar a = 2\nvar b = 3\n\n\n\n\n\n\n\nvar z = 26\n")}}}
	diff, err := out.Diff()
	if err != nil {
		t.Fatal(err)
	}
	slashed := filepath.ToSlash(name)
	want := "--- " + slashed + "\n+++ " + slashed + " (generated)\n@@ -1,6 +1,7 @@\n package p\n \n-var a = 1\n+var a = 2\n+var b = 3\n \n \n \n"
	if diff != want {
		t.Errorf("the diff is\n%s\nnot\n%s", diff, want)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != old {
		t.Errorf("the file became %q: %v", text, err)
	}
	if err := out.Write(); err != nil {
		t.Fatal(err)
	}
	if diff, err := out.Diff(); err != nil || diff != "" {
		t.Errorf("after writing, the diff is %q: %v", diff, err)
	}
}

// TestTheSameSchemaGivesTheSameBytes generates everything many times: nothing may
// depend on the order of a map or on what was generated before.
func TestTheSameSchemaGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	configs := slices.Clone(generated)
	for _, g := range goldens(t) {
		cfg := g.config()
		cfg.Target, cfg.Package, cfg.Out = gen.Types, "p", "p.go"
		configs = append(configs, cfg)
	}
	for _, cfg := range configs {
		t.Run(string(cfg.Target)+" of "+filepath.Base(filepath.Dir(cfg.Schema)), func(t *testing.T) {
			t.Parallel()
			first, err := gen.Generate(cfg)
			if err != nil {
				t.Fatal(err)
			}
			times := 5
			if cfg.Target == "client" {
				times = 50 // it has everything in it
			}
			for range times {
				again, err := gen.Generate(cfg)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(again, first) {
					t.Fatal("two runs differ")
				}
			}
		})
	}
}
