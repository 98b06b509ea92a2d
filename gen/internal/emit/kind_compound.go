package emit

import (
	"github.com/tinylib/msgp/gen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// The rows of the kinds that are made of other types.

func listRow() *row {
	return &row{
		goType: func(p *printer, t *model.Type) string { return "[]" + p.goType(t.Elem) },
		append: func(p *printer, t *model.Type, value string) (string, bool) {
			return "codec.AppendList(dst, " + value + ", " + p.appendFunc(t.Elem) + ")", true
		},
		scan: func(p *printer, t *model.Type, into place) string {
			return "codec.ScanList(s, " + into.pointer + ", " + p.scanFunc(t.Elem) + ")"
		},
		scanFunc: wrapped,
		coder: func(p *printer, t *model.Type, _ string) string {
			return "msgpack.SliceOf(" + p.coder(t.Elem) + ")"
		},
		nilCoder: func(p *printer, t *model.Type) string { return "msgpack.NilSliceOf(" + p.coder(t.Elem) + ")" },
		msgp:     unknownToMsgp,
		validate: validateContainer,
		present:  filled,
	}
}

func mapRow() *row {
	return &row{
		goType: func(p *printer, t *model.Type) string { return "map[string]" + p.goType(t.Elem) },
		append: func(p *printer, t *model.Type, value string) (string, bool) {
			return "codec.AppendMap(dst, " + value + ", " + p.appendFunc(t.Elem) + ")", true
		},
		scan: func(p *printer, t *model.Type, into place) string {
			return "codec.ScanMap(s, " + into.pointer + ", " + p.scanFunc(t.Elem) + ")"
		},
		scanFunc: wrapped,
		coder: func(p *printer, t *model.Type, _ string) string {
			return "msgpack.MapOf(" + p.coder(t.Elem) + ")"
		},
		nilCoder: func(p *printer, t *model.Type) string { return "msgpack.NilMapOf(" + p.coder(t.Elem) + ")" },
		msgp:     unknownToMsgp,
		validate: validateContainer,
		present:  filled,
	}
}

func validateContainer(w *validator, t *model.Type, value string, path []string) {
	w.container(t, value, path, 0)
}

// nilInterface reports whether a nullable type is an interface that is nil for null.
func nilInterface(t *model.Type) bool {
	if t.Kind != model.Nullable {
		return false
	}
	u := t.Elem.Underlying().Union()
	return u != nil && u.Sealed()
}

func nullableRow() *row {
	return &row{
		goType: func(p *printer, t *model.Type) string {
			if nilInterface(t) {
				return p.goType(t.Elem)
			}
			return "*" + p.goType(t.Elem)
		},
		isReference: true,
		append: func(p *printer, t *model.Type, value string) (string, bool) {
			if nilInterface(t) {
				return "codec.AppendInterface(dst, " + value + ", " + unionAppend(t.Elem.Underlying().Union()) + ")", true
			}
			return "codec.AppendPointer(dst, " + value + ", " + p.appendFunc(t.Elem) + ")", true
		},
		scan: func(p *printer, t *model.Type, into place) string {
			if nilInterface(t) {
				return "codec.ScanInterface(s, " + into.pointer + ", " + unionScan(t.Elem.Underlying().Union()) + ")"
			}
			return "codec.ScanPointer(s, " + into.pointer + ", " + p.scanFunc(t.Elem) + ")"
		},
		scanFunc: wrapped,
		coder: func(p *printer, t *model.Type, _ string) string {
			if nilInterface(t) {
				return "msgpack.InterfaceOf(" + p.coder(t.Elem) + ")"
			}
			return "msgpack.PointerOf(" + p.coder(t.Elem) + ")"
		},
		msgp: unknownToMsgp,
		validate: func(w *validator, t *model.Type, value string, path []string) {
			inner := &validator{p: w.p, name: w.name, vars: w.vars}
			if nilInterface(t) {
				inner.valueAt(t.Elem, value, path)
			} else {
				inner.valueAt(t.Elem, "(*"+value+")", path)
			}
			w.patterns, w.vars = append(w.patterns, inner.patterns...), inner.vars
			if text := inner.b.String(); text != "" {
				w.printf("if %s != nil {\n%s}\n", value, text)
			}
		},
		present: differs("nil"),
	}
}

func namedRow() *row {
	return &row{
		goType:      func(p *printer, t *model.Type) string { return p.declName(t.Decl) },
		isReference: true, // it is printed as an alias
		append:      (*printer).appendNamed,
		scan:        (*printer).scanNamed,
		scanFunc:    wrapped,
		coder:       (*printer).namedCoder,
		msgp: func(t *model.Type) *gen.BaseElem {
			e := t.Enum()
			if e == nil {
				return nil
			}
			b := rows[e.Base.Kind].msgp(e.Base)
			b.Alias(e.Name)
			return b
		},
		validate: func(w *validator, t *model.Type, value string, path []string) {
			if u := t.Underlying().Union(); u == nil || !u.Sealed() {
				value = trimDeref(value) // methods take a pointer as it is
			}
			if err := w.p.validity(t, value); err != "" {
				w.printf("v.Nest(%s%s)\n", err, pathArgs(path))
			}
		},
		present: differs("nil"),
	}
}
