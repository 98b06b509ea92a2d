package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// nested returns the packages of the modules that go.work joins with the root, with their imports,
// tests aside. It parses them: listing them would need the modules that they require.
func nested(t *testing.T) map[string]listed {
	t.Helper()
	work, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]listed{}
	for _, use := range regexp.MustCompile(`(?m)^\t\./(\S+)$`).FindAllSubmatch(work, -1) {
		dir := string(use[1])
		err := fs.WalkDir(os.DirFS(root), dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if _, err := os.Stat(filepath.Join(root, name, "go.mod")); err == nil && name != dir || entry.Name() == "testdata" {
					return fs.SkipDir // another module
				}
				return nil
			}
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			p := packages[module+"/"+path.Dir(name)]
			p.ImportPath = module + "/" + path.Dir(name)
			for _, i := range file.Imports {
				imported, err := strconv.Unquote(i.Path.Value)
				if err != nil {
					return err
				}
				if !slices.Contains(p.Imports, imported) {
					p.Imports = append(p.Imports, imported)
				}
			}
			packages[p.ImportPath] = p
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(packages) == 0 {
		t.Fatal("go.work has no nested modules")
	}
	return packages
}

// TestOtelNeedsTheAPIOnly: importers of otel get OpenTelemetry's API, and neither its SDK nor an
// exporter.
func TestOtelNeedsTheAPIOnly(t *testing.T) {
	t.Parallel()
	for name, p := range nested(t) {
		if !strings.HasPrefix(name, module+"/otel") {
			continue
		}
		for _, imported := range p.Imports {
			if strings.Contains(imported, "/sdk") || strings.Contains(imported, "/exporters/") || strings.Contains(imported, "prometheus") {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
	mod, err := os.ReadFile(filepath.Join(root, "otel", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllSubmatch(mod, -1) {
		direct = append(direct, string(m[1]))
	}
	want := []string{
		"github.com/google/go-cmp", module, // go-cmp and the SDK are for tests
		"go.opentelemetry.io/otel", "go.opentelemetry.io/otel/metric", "go.opentelemetry.io/otel/sdk",
		"go.opentelemetry.io/otel/sdk/metric", "go.opentelemetry.io/otel/trace",
	}
	if !slices.Equal(direct, want) {
		t.Errorf("otel/go.mod requires %q, want %q", direct, want)
	}
}
