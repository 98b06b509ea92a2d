package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// TestEveryMethodHasAnExample: go doc shows how each exported method of Client and Subscription is
// used.
func TestEveryMethodHasAnExample(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "client", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var methods []string
	functions := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			switch of := receiver(f); {
			case of == "":
				functions[f.Name.Name] = true
			case (of == "Client" || of == "Subscription") && f.Name.IsExported():
				methods = append(methods, of+"_"+f.Name.Name)
			}
		}
	}
	if len(methods) < 20 {
		t.Fatalf("only %d methods were found: is it looking in the right place?", len(methods))
	}
	for _, method := range methods {
		if !functions["Example"+method] {
			t.Errorf("there is no Example%s in client", method)
		}
	}
}

// receiver returns the name of a method's receiver type, or "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	expr := f.Recv.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if generic, ok := expr.(*ast.IndexExpr); ok {
		expr = generic.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
