package proof

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"

	"github.com/xraph/dispatch/gen"
)

// register is a file that lets the judge make a value of each of a package's types.
func register(name string, out *gen.Output) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, out.Data, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	sealed := map[string]bool{}
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					_, sealed[t.Name.Name] = t.Type.(*ast.InterfaceType)
				}
			}
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\n// Registry makes a value of each type.\nvar Registry = map[string]func() any{\n", name)
	for _, t := range out.Types {
		if !sealed[t.Name] {
			fmt.Fprintf(&b, "\t%q: func() any { return new(%s) },\n", t.Name, t.Name)
		}
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}
