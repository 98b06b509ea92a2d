package gen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// forUsers are the functions of codec that generated code calls and that are for programs as well.
var forUsers = map[string]bool{"codec.NewScanner": true, "codec.Some": true, "codec.NullOf": true}

// TestFunctionsForGeneratedCodeAreMarked: what the goldens call of codec and its packages says in
// its documentation whom it is for. Those of codec/msgpack are all for generated code, as its
// package says.
func TestFunctionsForGeneratedCodeAreMarked(t *testing.T) {
	t.Parallel()
	docs := map[string]string{}
	for pkg, dir := range map[string]string{"codec": "../codec", "validate": "../codec/validate"} {
		names, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			for _, d := range parseGo(t, name).Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
					docs[pkg+"."+f.Name.Name] = f.Doc.Text()
				}
			}
		}
	}
	names, err := filepath.Glob(filepath.Join("testdata", "golden", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, name := range names {
		ast.Inspect(parseGo(t, name), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := s.X.(*ast.Ident); ok {
					called[pkg.Name+"."+s.Sel.Name] = true
				}
			}
			return true
		})
	}
	mark := regexp.MustCompile(`For\s+generated\s+code\.`)
	found := 0
	for name := range called {
		doc, ok := docs[name]
		if !ok {
			continue
		}
		found++
		if !forUsers[name] && !mark.MatchString(doc) {
			t.Errorf("%s does not say \"For generated code.\": %s", name, strings.TrimSpace(doc))
		}
	}
	if found < 30 {
		t.Errorf("the goldens call only %d functions of codec", found)
	}
}

func parseGo(t *testing.T, name string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
