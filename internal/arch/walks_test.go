package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWalksNameFunctionsThatExist holds the walks in ARCHITECTURE.md: each step begins with a file
// and a function of it, as `file.go` `Type.method`, and both exist.
func TestWalksNameFunctionsThatExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## Three walks\n")
	walks, _, _ := strings.Cut(rest, "\n## ")
	steps := regexp.MustCompile(`(?m)^\d+\. .*$`).FindAllString(walks, -1)
	if len(steps) < 20 {
		t.Fatalf("ARCHITECTURE.md has %d steps of walks", len(steps))
	}
	name := regexp.MustCompile("^\\d+\\. `([^`]+\\.go)` `([\\w.]+)`")
	for _, step := range steps {
		m := name.FindStringSubmatch(step)
		if m == nil {
			t.Errorf("no file and function in %q", step)
			continue
		}
		if !declaresFunc(t, m[1], m[2]) {
			t.Errorf("there is no %s in %s", m[2], m[1])
		}
	}
}

// declaresFunc reports whether a file declares a function, named Type.method if it is a method.
func declaresFunc(t *testing.T, path, name string) bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return false
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if strings.TrimPrefix(receiver(f)+"."+f.Name.Name, ".") == name {
			return true
		}
	}
	return false
}
