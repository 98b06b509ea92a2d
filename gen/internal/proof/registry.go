package proof

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"github.com/xraph/dispatch/gen"
)

// holder gives a sealed interface the methods of other types.
const holder = `
type sealedX struct{ value X }

func (h *sealedX) UnmarshalJSON(data []byte) (err error) {
	h.value, err = DecodeX(data)
	return err
}

func (h sealedX) MarshalJSON() ([]byte, error) { return EncodeX(h.value) }

func (h *sealedX) Validate() error {
	if v, ok := h.value.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}
`

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
		made := t.Name
		if sealed[t.Name] {
			made = "sealed" + t.Name
		}
		fmt.Fprintf(&b, "\t%q: func() any { return new(%s) },\n", t.Name, made)
	}
	b.WriteString("}\n")
	for _, t := range out.Types {
		if sealed[t.Name] {
			b.WriteString(strings.ReplaceAll(holder, "X", t.Name))
		}
	}
	return b.Bytes(), nil
}
