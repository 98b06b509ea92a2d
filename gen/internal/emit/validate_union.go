package emit

import (
	"fmt"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// The checks of enums and unions.

func (w *validator) enum(e *model.Enum, value string) {
	if e.Open {
		return
	}
	var names []string
	for _, v := range e.Values {
		names = append(names, v.Name)
	}
	w.printf("switch %s {\ncase %s:\ndefault:\nv.Add(\"enum\", \"is not one of the values\")\n}\n", value, strings.Join(names, ", "))
}

func (w *validator) sealed(u *model.Union) {
	w.printf("switch u := u.(type) {\ncase nil:\nv.Add(\"required\", \"is missing\")\n")
	for _, variant := range u.Variants {
		w.printf("case %s:\n", w.p.variantType(variant))
		if err := w.p.validity(variant.Type, "u"); err != "" {
			if w.p.byPointer(variant) {
				w.printf("if u == nil {\nv.Add(\"required\", \"is missing\")\n} else {\nv.Nest(%s)\n}\n", err)
			} else {
				w.printf("v.Nest(%s)\n", err)
			}
		}
	}
	if c := u.Carrier(); c != "" {
		w.printf("case *%s:\nv.Nest(u.Validate())\n", c)
	}
	w.printf("}\n")
}

func (w *validator) ambiguous(u *model.Union) {
	w.printf("n := 0\n")
	for _, variant := range u.Variants {
		err := w.p.validity(variant.Type, "x")
		inner := &validator{p: w.p, name: w.name + variant.Name}
		if err == "" {
			inner.value(variant.Type, "x")
		}
		w.patterns = append(w.patterns, inner.patterns...)
		w.printf("if x, err := z.%s(); err == nil {\n", u.As(variant))
		switch text := inner.b.String(); {
		case err != "":
			w.printf("if %s == nil {\nn++\n}\n", err)
		case text != "":
			w.printf("var v validate.Violations\n%sif len(v) == 0 {\nn++\n}\n", text)
		default:
			w.printf("_ = x\nn++\n")
		}
		w.printf("}\n")
	}
	if u.Exclusive {
		w.printf("if n != 1 {\nv.Add(\"oneOf\", \"not exactly one of the variants is valid\")\n}\n")
	} else {
		w.printf("if n == 0 {\nv.Add(\"anyOf\", \"none of the variants is valid\")\n}\n")
	}
}

// carrierValidate prints Validate of the type that holds unknown variants.
func (p *printer) carrierValidate(u *model.Union) {
	if u.Carrier() == "" {
		return
	}
	p.add(Declarations, fmt.Sprintf(`
// Validate says that the schema does not name the variant.
func (z *%s) Validate() error {
var v validate.Violations
v.Add("oneOf", "is not a variant of the schema")
return v
}
`, u.Carrier()))
}
