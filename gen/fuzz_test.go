package gen_test

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen/internal/emit"
	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// FuzzGenerate has any text for a schema: it is refused, with positions, or
// becomes Go that the type checker accepts.
func FuzzGenerate(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.json", "testdata/golden/*/schema.json"} {
		names, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil || len(names) == 0 {
			f.Fatalf("no seeds: %v", err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	check := typeChecker(f)
	f.Fuzz(func(t *testing.T, text []byte) { refusedOrSound(t, check, text) })
}

// FuzzSchemas has schemas of every keyword, right and wrong, that refer to each other anyhow.
func FuzzSchemas(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	check := typeChecker(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		text := wildSchema(rand.New(rand.NewPCG(seed, 2)))
		if testing.Verbose() {
			t.Logf("%s", text)
		}
		refusedOrSound(t, check, text)
	})
}

func refusedOrSound(t *testing.T, check func([]*ast.File, *token.FileSet) error, text []byte) {
	t.Helper()
	doc, err := parse.Load("schema.json", func(name string) ([]byte, error) {
		if name == "schema.json" {
			return text, nil
		}
		return nil, os.ErrNotExist
	})
	if err != nil {
		refused(t, err)
		return
	}
	m, err := model.Build(doc)
	if err != nil {
		refused(t, err)
		return
	}
	for _, target := range emit.Targets {
		printed, err := emit.Files(m, emit.Config{Target: target, Package: "p", Schema: "schema.json"})
		if err != nil {
			t.Fatalf("%s is not printed: %.2000v\n%s", target, err, text)
		}
		fset := token.NewFileSet()
		var files []*ast.File
		code := map[string][]byte{}
		for _, f := range printed {
			name := "p" + string(f.Part) + ".go"
			file, err := parser.ParseFile(fset, name, f.Data, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("%s is no Go: %v\n%s", target, err, text)
			}
			files = append(files, file)
			code[name] = f.Data
		}
		if target != emit.Types {
			continue // it stands on hand-written code
		}
		if err := check(files, fset); err != nil {
			t.Fatalf("it does not compile: %v\n%s\n%s", err, text, around(code, err))
		}
	}
}

func refused(t *testing.T, err error) {
	t.Helper()
	var problems source.Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Errorf("an error, and no refusal with positions: %v", err)
	}
	for _, p := range problems {
		if p.Position.Line < 1 || p.Position.Column < 1 || p.Message == "" || p.Hint == "" {
			t.Errorf("a refusal that says too little: %+v", p)
		}
	}
}

// around is the line of code that a type error is about.
func around(code map[string][]byte, err error) string {
	var terr types.Error
	if !errors.As(err, &terr) {
		return ""
	}
	position := terr.Fset.Position(terr.Pos)
	lines, at := strings.Split(string(code[position.Filename]), "\n"), position.Line
	return strings.Join(lines[max(at-4, 0):min(at+3, len(lines))], "\n")
}

// typeChecker returns a function that type-checks generated code, which imports little.
func typeChecker(tb testing.TB) func([]*ast.File, *token.FileSet) error {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "go", "list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}} {{.Export}}{{end}}",
		"github.com/xraph/dispatch/codec/...", "github.com/tinylib/msgp/msgp", "encoding/json", "regexp", "time").Output()
	if err != nil {
		tb.Fatal(err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	return func(files []*ast.File, fset *token.FileSet) error {
		cfg := types.Config{Importer: imports}
		_, err := cfg.Check("p", fset, files, nil)
		return err
	}
}
