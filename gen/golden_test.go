package gen_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen"
)

var update = flag.Bool("update", false, "write what is expected to testdata")

// targets are what a golden is of: the file types.go holds what the target types gives.
var targets = []string{"types", "client", "wire", "server"}

// golden is a case of testdata/golden: a schema, and beside it the Go that it becomes
// and, in notes.txt, what the generator remarks.
type golden struct{ name, dir string }

func goldens(t *testing.T) []golden {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join("testdata", "golden", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	out := make([]golden, len(dirs))
	for i, dir := range dirs {
		out[i] = golden{filepath.Base(dir), dir}
	}
	return out
}

func (g golden) file(name string) string { return filepath.Join(g.dir, name) }

func (g golden) has(name string) bool { return exists(g.file(name)) }

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// targets are those that the case has a golden of. A case has one at least; if
// it stands nowhere, it is that of the target types.
func (g golden) targets() []string {
	var out []string
	for _, target := range targets {
		if g.has(target + ".go") {
			out = append(out, target)
		}
	}
	if out == nil {
		return []string{"types"}
	}
	return out
}

// packageOf is the package of a target's code.
func (g golden) packageOf(target string) string {
	if target == "types" {
		return g.name
	}
	return target
}

// config is what all targets of the case have in common: the schema, and how it is read.
func (g golden) config() gen.Config {
	cfg := gen.Config{Schema: g.file("schema.json"), InferType: g.has("infer-type")}
	if g.has("names.json") {
		cfg.Names = g.file("names.json")
	}
	return cfg
}

func (g golden) generate(t *testing.T, target string) *gen.Output {
	t.Helper()
	dir := t.TempDir()
	if g.has(target + "_runtime.go") {
		duplicate(t, g.file(target+"_runtime.go"), filepath.Join(dir, "runtime.go"))
	}
	cfg := g.config()
	cfg.Target, cfg.Package, cfg.Out = gen.Target(target), g.packageOf(target), filepath.Join(dir, "zz_generated.go")
	out, err := gen.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSchemasBecomeTheirGoldens(t *testing.T) {
	t.Parallel()
	for _, g := range goldens(t) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for _, target := range g.targets() {
				out := g.generate(t, target)
				expected := map[string]bool{"": true, "_json": g.has(target + "_json.go"), "_msgpack": g.has(target + "_msgpack.go")}
				for _, f := range out.Files {
					suffix := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f.Name), "zz_generated"), ".go")
					delete(expected, suffix)
					compareFile(t, g.file(target+suffix+".go"), string(f.Data))
				}
				for suffix, exists := range expected {
					if exists {
						t.Errorf("%s%s.go is not generated", target, suffix)
					}
				}
				compareNotes(t, g.file("notes.txt"), out.Notes)
			}
		})
	}
}

// compareNotes compares what the generator remarks with a file that exists if it remarks
// anything.
func compareNotes(t *testing.T, name string, notes []string) {
	t.Helper()
	if len(notes) > 0 {
		compareFile(t, name, here(strings.Join(notes, "\n")+"\n"))
	} else if _, err := os.Stat(name); err == nil {
		t.Errorf("%s stands there and the generator remarks nothing", name)
	}
}

// here takes the way to testdata out of the positions in a text.
func here(text string) string {
	for _, dir := range []string{"golden", "bad"} {
		text = strings.ReplaceAll(text, "testdata/"+dir+"/", "")
	}
	return text
}

// compareFile compares a text with a file, which has to exist, or writes it with -update.
func compareFile(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := gen.Output{Files: []gen.File{{Name: name, Data: []byte(got)}}}
	if _, err := os.Stat(name); err != nil {
		t.Fatalf("%v: a new case wants go test ./gen -update, and a look at what it wrote", err)
	}
	diff, err := out.Diff()
	if err != nil {
		t.Fatal(err)
	}
	if diff != "" {
		t.Errorf("not what is expected; go test ./gen -update accepts it\n%s", diff)
	}
}
