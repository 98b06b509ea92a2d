package proof

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen"
)

// holder gives a sealed interface the methods of other types.
const holder = `
type sealedX struct{ value X }

func (h *sealedX) UnmarshalJSON(data []byte) (err error) {
	if NULL && string(data) == "null" {
		return nil
	}
	h.value, err = DecodeX(data)
	return err
}

func (h sealedX) MarshalJSON() ([]byte, error) {
	if NULL && h.value == nil {
		return []byte("null"), nil
	}
	return EncodeX(h.value)
}

func (h *sealedX) Validate() error {
	if NULL && h.value == nil {
		return nil
	}
	return ValidateX(h.value)
}

func (h *sealedX) MarshalMsg(b []byte) ([]byte, error) {
	if NULL && h.value == nil {
		return append(b, 0xc0), nil
	}
	return msgX{}.Append(b, &h.value)
}

func (h *sealedX) UnmarshalMsg(b []byte) ([]byte, error) {
	if NULL && len(b) > 0 && b[0] == 0xc0 {
		h.value = nil
		return b[1:], nil
	}
	return msgX{}.Read(b, &h.value)
}

func (h *sealedX) Msgsize() int { return msgX{}.Size(&h.value) }
`

// pointer gives a nil pointer, which is null, the methods of other types.
const pointer = `
type nullableX struct{ value *X }

func (h *nullableX) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &h.value) }

func (h nullableX) MarshalJSON() ([]byte, error) { return json.Marshal(h.value) }

func (h *nullableX) Validate() error {
	if v, ok := any(h.value).(interface{ Validate() error }); ok && h.value != nil {
		return v.Validate()
	}
	return nil
}
`

// register is a file with which the runner makes a value of each of a package's types.
func register(name string, out *gen.Output) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, out.Files[0].Data, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	sealed := map[string]bool{}
	alias := map[string]string{} // what types are other names of
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					_, sealed[t.Name.Name] = t.Type.(*ast.InterfaceType)
					if of, ok := t.Type.(*ast.Ident); ok && t.Assign.IsValid() {
						alias[t.Name.Name] = of.Name
					}
				}
			}
		}
	}
	var b strings.Builder
	pointers := false
	fmt.Fprintf(&b, "package %s\n\n// Registry makes a value of each type.\nvar Registry = map[string]func() any{\n", name)
	for _, t := range out.Types {
		made := t.Name
		switch {
		case sealed[t.Name]:
			made = "sealed" + t.Name
		case sealed[alias[t.Name]] && !t.Nullable:
			made = "sealed" + alias[t.Name]
		case t.Nullable:
			made = "nullable" + t.Name
		}
		fmt.Fprintf(&b, "\t%q: func() any { return new(%s) },\n", t.Name, made)
	}
	b.WriteString("}\n")
	for _, t := range out.Types {
		switch {
		case sealed[t.Name]:
			b.WriteString(strings.NewReplacer("X", t.Name, "NULL", strconv.FormatBool(t.Nullable)).Replace(holder))
		case t.Nullable:
			pointers = true
			b.WriteString(strings.ReplaceAll(pointer, "X", t.Name))
		}
	}
	text := b.String()
	if pointers {
		text = strings.Replace(text, "\n\n", "\n\nimport \"encoding/json\"\n\n", 1)
	}
	return []byte(text), nil
}
