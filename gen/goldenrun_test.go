package gen_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen/internal/proof"
)

// TestGoldensCompileAndRun puts all goldens into one module, has the compiler see them, puts
// their documents to their types, in JSON and msgpack, and runs their tests.
func TestGoldensCompileAndRun(t *testing.T) {
	t.Parallel()
	m, err := proof.NewModule(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var types []golden
	var packages []*proof.Package
	for _, g := range goldens(t) {
		for _, target := range g.targets() {
			if target != "types" {
				addTarget(t, m, g, target)
			} else if p := addTypes(t, m, g); p != nil {
				types, packages = append(types, g), append(packages, p)
			}
		}
		for name := range strings.SplitSeq("run_test.go example_test.go", " ") {
			if g.has(name) {
				copyFile(t, g.file(name), filepath.Join(m.Dir, "run", g.name+"_"+name), nil)
			}
		}
	}
	runner, err := m.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range types {
		if p := packages[i]; p.Failure != "" {
			t.Errorf("%s does not compile: %s", g.name, p.Failure)
			continue
		}
		t.Run(g.name, func(t *testing.T) { putDocuments(t, runner, g) })
	}
	t.Run("tests", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), "go", "test", "-mod=mod", "-vet=all", "./...")
		cmd.Dir = m.Dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-buildvcs=false")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// addTypes adds a case's types; nil if it has none.
func addTypes(t *testing.T, m *proof.Module, g golden) *proof.Package {
	t.Helper()
	cfg := g.config()
	cfg.Package = g.name
	p, err := m.AddConfig(cfg)
	if err != nil {
		t.Errorf("%s: %v", g.name, err)
		return nil
	}
	return p
}

// addTarget adds a golden whose code needs hand-written code of its package, which
// is in the files that begin with the target's name.
func addTarget(t *testing.T, m *proof.Module, g golden, target string) {
	t.Helper()
	files, err := filepath.Glob(g.file(target + "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		// A server imports the client that was generated beside it, and not the protocol's own.
		copyFile(t, name, filepath.Join(m.Dir, g.name, target, filepath.Base(name)), func(text []byte) []byte {
			return bytes.ReplaceAll(text, []byte("github.com/xraph/dispatch/client"), []byte("proof/"+g.name+"/client"))
		})
	}
}

func copyFile(t *testing.T, from, to string, edit func([]byte) []byte) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		text = edit(text)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// putDocuments puts the documents of a case to its types and compares what becomes of
// them: a line of documents.txt is a type and a document, the lines indented below it say the rest.
func putDocuments(t *testing.T, runner *proof.Runner, g golden) {
	t.Helper()
	text, err := os.ReadFile(g.file("documents.txt"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile(g.file("schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	var questions []proof.Question
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		typeName, document, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			t.Fatalf("%s: no type and document in %q", g.file("documents.txt"), line)
		}
		lines = append(lines, line)
		questions = append(questions, proof.Question{Package: g.name, Type: typeName, Document: document})
	}
	answers, err := runner.Run(t.Context(), questions)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for i, a := range answers {
		if a.Broken != "" {
			t.Errorf("%s%s", lines[i], a.Broken)
		}
		switch {
		case !a.Accepted && a.Packed == "":
			t.Errorf("%sis refused as JSON, and accepted in msgpack", lines[i])
		case a.Accepted && a.Packed != "" && a.Packed != proof.NoSerializers && !proof.OwnTypes(string(schema)):
			t.Errorf("%sis accepted as JSON, and refused in msgpack: %s", lines[i], a.Packed)
		}
		got.WriteString(lines[i])
		got.WriteString(became(questions[i].Document, a))
	}
	compareFile(t, g.file("documents.txt"), got.String())
}

func became(document string, a proof.Answer) string {
	switch {
	case !a.Accepted:
		return "\trefused: " + strings.ReplaceAll(a.Error, "\n", "\n\t         ") + "\n"
	case a.Msgpack == "":
		return "\tJSON:    " + a.JSON + "\n"
	case a.JSON == a.Msgpack:
		if a.JSON == document {
			return "\tunchanged\n"
		}
		return "\tboth:    " + a.JSON + "\n"
	case a.JSON == document:
		return "\tmsgpack: " + a.Msgpack + "\n"
	}
	return "\tJSON:    " + a.JSON + "\n\tmsgpack: " + a.Msgpack + "\n"
}
