package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

// The paths are put together so that this file stays as it is when the repository moves.
const old = "old.example/owner" + "/name"

func TestRewriteLeavesLongerPathsAndURLs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "",
		old:                            "new.example/x",
		`import "` + old + `/client"`:  `import "new.example/x/client"`,
		"module " + old + "/tools\n":   "module new.example/x/tools\n",
		old + ". And " + old + "@v1":   "new.example/x. And new.example/x@v1",
		"https://" + old + "/issues":   "https://" + old + "/issues",
		old + "-other " + old + "2":    old + "-other " + old + "2",
		"x" + old:                      "x" + old,
		"\x00" + old:                   "\x00" + old,
		`("` + old + `")` + old + "/a": `("new.example/x")new.example/x/a`,
	} {
		if got := string(rewrite([]byte(text), old, "new.example/x")); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// repository makes a git repository of three modules, two of which a workspace joins.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"go.mod":       "module " + old + "\n\ngo 1.26\n",
		"a.go":         "package a\n\nimport _ \"" + old + "/b\"\n",
		"b/b.go":       "package b\n",
		"tools/go.mod": "module " + old + "/tools\n\ngo 1.26\n",
		"README.md":    "go get " + old + ", see https://" + old + "\n",
		"go.work":      "go 1.26\n\nuse (\n\t.\n\t./otel\n)\n\nreplace " + old + " v0.1.0 => ./\n",
		"otel/go.mod":  "module " + old + "/otel\n\ngo 1.26\n\nrequire " + old + " v0.1.0\n",
		"otel/go.sum":  old + " v0.1.0 h1:sum\n" + old + " v0.1.0/go.mod h1:sum\nexample.com/x v1.0.0 h1:sum\n",
		"otel/otel.go": "package otel\n\nimport _ \"" + old + "/b\"\n",
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := output(t.Context(), dir, "git", "init", "--quiet"); err != nil {
		t.Fatal(err)
	}
	commit(t, dir)
	return dir
}

// commit commits all that is in a repository.
func commit(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{
		{"add", "."},
		{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "m"},
	} {
		if _, err := output(t.Context(), dir, "git", args...); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for _, name := range []string{"go.mod", "a.go", "b/b.go", "tools/go.mod", "README.md", "go.work", "otel/go.mod", "otel/go.sum", "otel/otel.go"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

func TestRehome(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	if err := rehome(t.Context(), dir, "new.example/x", [][]string{{"go", "build", "./..."}}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"go.mod":       "module new.example/x\n\ngo 1.26\n",
		"a.go":         "package a\n\nimport _ \"new.example/x/b\"\n",
		"b/b.go":       "package b\n",
		"tools/go.mod": "module new.example/x/tools\n\ngo 1.26\n",
		"README.md":    "go get new.example/x, see https://" + old + "\n",
		"go.work":      "go 1.26\n\nuse (\n\t.\n\t./otel\n)\n\nreplace new.example/x v0.1.0 => ./\n",
		"otel/go.mod":  "module new.example/x/otel\n\ngo 1.26\n\nrequire new.example/x v0.1.0\n",
		"otel/go.sum":  "example.com/x v1.0.0 h1:sum\n", // without the sums of the old path
		"otel/otel.go": "package otel\n\nimport _ \"new.example/x/b\"\n",
	}
	if diff := cmp.Diff(want, read(t, dir)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := rehome(t.Context(), dir, "newer.example/x", nil); err == nil {
		t.Error("a work tree with changes was rewritten")
	}
	if diff := cmp.Diff(want, read(t, dir)); diff != "" {
		t.Errorf("a refused run changed the tree: -want +got\n%s", diff)
	}
}

func TestAFailedRehomeIsUndone(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	before := read(t, dir)
	for name, err := range map[string]error{
		"a command that fails": rehome(t.Context(), dir, "new.example/x", [][]string{{"go", "build", "./none"}}),
		"a bad path":           rehome(t.Context(), dir, "New", nil),
		"a path with spaces":   rehome(t.Context(), dir, "new.example/a b", nil),
	} {
		if err == nil {
			t.Errorf("%s is not an error", name)
		}
	}
	if diff := cmp.Diff(before, read(t, dir)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestRehomeVetsNestedModules: what does not compile in a module of the workspace undoes the move.
func TestRehomeVetsNestedModules(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	if err := os.WriteFile(filepath.Join(dir, "otel", "broken.go"), []byte("package otel\n\nvar x int = \"\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	commit(t, dir)
	before := read(t, dir)
	if err := rehome(t.Context(), dir, "new.example/x", nil); err == nil || !strings.Contains(err.Error(), "broken.go") {
		t.Errorf("a nested module that does not compile: %v", err)
	}
	if diff := cmp.Diff(before, read(t, dir)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
