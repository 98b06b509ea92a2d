package emit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// validates reports whether the target's types have the method Validate. The
// client's have not: the server validates what it is sent.
func (p *printer) validates() bool { return p.cfg.Target == Types }

// validator prints the demands on one declaration: statements that add to v.
type validator struct {
	p    *printer
	b    code
	name string // of the declaration
	vars int
	// patterns are the package's variables that the demands need.
	patterns []string
}

// validateMethod prints Validate of a declaration. That of an interface is a function.
func (p *printer) validateMethod(d model.Decl) {
	if !p.validates() {
		return
	}
	w := &validator{p: p, name: d.Info().Name}
	head := fmt.Sprintf("\n// Validate returns what of z the schema does not allow, as validate.Violations.\nfunc (z *%s) Validate() error {\nvar v validate.Violations\n", w.name)
	switch d := d.(type) {
	case *model.Struct:
		w.structure(d)
	case *model.Enum:
		w.enum(d, "*z")
	case *model.Defined:
		if d.Type.Kind == model.Named || !p.hasMethods(d) {
			return
		}
		w.value(d.Type, convert(p.goType(d.Type), "*z"))
	case *model.Union:
		if d.Sealed() {
			w.p.carrierValidate(d)
			head = fmt.Sprintf("\n// Validate%[1]s returns what of u the schema does not allow, as validate.Violations.\nfunc Validate%[1]s(u %[1]s) error {\nvar v validate.Violations\n", d.Name)
			w.sealed(d)
		} else {
			w.ambiguous(d)
		}
	}
	w.assertion(d)
	body := w.b.String()
	text := strings.Join(w.patterns, "") + head + body + "return v.Err()\n}\n"
	if body == "" {
		text = strings.Replace(head, "var v validate.Violations\n", "return nil\n}\n", 1)
	}
	p.add(Declarations, text)
}

// validity is the expression of the error of an invalid value, "" if every value is valid.
func (p *printer) validity(t *model.Type, value string) string {
	if !p.validates() || t.Kind != model.Named {
		return ""
	}
	switch d := t.Decl.(type) {
	case *model.Union:
		if d.Sealed() {
			return "Validate" + d.Name + "(" + value + ")"
		}
	case *model.Defined:
		if d.Type.Kind == model.Named {
			return p.validity(d.Type, value)
		}
		if !p.hasMethods(d) {
			return ""
		}
	}
	return value + ".Validate()"
}

func (w *validator) printf(format string, args ...any) { w.b.printf(format, args...) }

func (w *validator) fresh() string {
	w.vars++
	return "i" + strconv.Itoa(w.vars)
}

// pathArgs writes a path as the last arguments of a call.
func pathArgs(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return ", " + strings.Join(path, ", ")
}

func (w *validator) structure(s *model.Struct) {
	for i, f := range s.Fields {
		if f.Presence == model.Fixed {
			continue
		}
		name := strconv.Quote(f.JSON)
		if s.Tuple {
			name = strconv.Itoa(i)
		}
		w.field(f, name)
	}
	if s.Extra != nil {
		w.container(&model.Type{Kind: extraKind(s), Elem: s.Extra}, "z.Extra", nil, len(s.Fields))
	}
	for _, d := range s.Dependent {
		w.dependent(s, d)
	}
	low, high := bounds(s.Checks.MinItems, s.Checks.MaxItems)
	if low <= 0 && high < 0 && !s.Checks.Unique {
		return
	}
	if s.Tuple {
		w.printf("v.Count(z.items()+%s, %d, %d, \"Items\")\n", extraLen(s), low, high)
		if s.Checks.Unique {
			w.printf("if text, err := z.AppendJSON(nil); err == nil {\nif items, err := validate.Items(text); err == nil {\nv.Unique(len(items), func(i int) ([]byte, error) { return items[i], nil })\n}\n}\n")
		}
		return
	}
	w.printf("n := %s\n", extraLen(s))
	for _, f := range s.Fields {
		if omittable(f) {
			w.printf("if %s {\nn++\n}\n", w.present(f))
		} else {
			w.printf("n++\n")
		}
	}
	w.printf("v.Count(n, %d, %d, \"Properties\")\n", low, high)
}

func extraKind(s *model.Struct) model.Kind {
	if s.Tuple {
		return model.List
	}
	return model.Map
}

func extraLen(s *model.Struct) string {
	if s.Extra == nil {
		return "0"
	}
	return "len(z.Extra)"
}

// present is the condition under which an omittable member is present.
func (w *validator) present(f *model.Field) string {
	return w.p.present(f)
}

func (w *validator) dependent(s *model.Struct, d model.Dependency) {
	given, ok := w.standing(s, d.Member)
	if !ok {
		return
	}
	for _, name := range d.Requires {
		then, ok := w.standing(s, name)
		if !ok || then == "true" {
			continue
		}
		w.printf("if %s && !(%s) {\nv.Add(\"dependentRequired\", %q)\n}\n", given, then, "has "+d.Member+" and lacks "+name)
	}
}

func (w *validator) standing(s *model.Struct, member string) (condition string, ok bool) {
	for _, f := range s.Fields {
		if f.JSON == member {
			if omittable(f) {
				return w.present(f), true
			}
			return "true", true
		}
	}
	return "", false
}

// field prints the demands on a field whose member is present.
func (w *validator) field(f *model.Field, name string) {
	inner := &validator{p: w.p, name: w.name + f.Name, vars: w.vars}
	value := "z." + f.Name
	switch {
	case f.Presence == model.Pointer && isMethodType(f.Type), f.Indirect:
		// Methods take the pointer as it is.
	case f.Presence == model.Pointer:
		value = "(*" + value + ")"
	case f.Presence == model.Carrier:
		value = "(*" + value + ".Value)"
	}
	inner.valueAt(f.Type, value, []string{name})
	w.patterns = append(w.patterns, inner.patterns...)
	w.vars = inner.vars
	text := inner.b.String()
	switch {
	case f.Indirect:
		w.printf("if z.%s == nil {\nv.Add(\"required\", \"is missing\", %s)\n} else {\n%s}\n", f.Name, name, text)
	case text == "":
	case f.Presence == model.Carrier:
		w.printf("if z.%s.Value != nil {\n%s}\n", f.Name, text)
	case omittable(f):
		w.printf("if %s {\n%s}\n", w.present(f), text)
	default:
		w.printf("%s", text)
	}
}

func isMethodType(t *model.Type) bool {
	if t.Kind != model.Named {
		return false
	}
	u := t.Union()
	return u == nil || !u.Sealed()
}

// value prints the demands on a value that is the whole of what is validated.
func (w *validator) value(t *model.Type, value string) { w.valueAt(t, value, nil) }

func (w *validator) valueAt(t *model.Type, value string, path []string) {
	w.p.row(t).validate(w, t, value, path)
}

// constant prints the demand that a value is the only one that is valid.
func (w *validator) constant(c *model.Checks, value string, path []string) {
	if c.Const != nil {
		w.printf("if %s != %s {\nv.Add(\"const\", %q%s)\n}\n", value, goLiteral(c.Const), "is not "+c.Const.JSON(), pathArgs(path))
	}
}

// trimDeref leaves a pointer to call methods on.
func trimDeref(value string) string {
	if inner, ok := strings.CutPrefix(value, "(*"); ok && strings.HasSuffix(inner, ")") && !strings.Contains(inner, "(") {
		return strings.TrimSuffix(inner, ")")
	}
	return value
}

// container prints the demands on a list or map and on what it holds; the
// items of a list are numbered from first.
func (w *validator) container(t *model.Type, value string, path []string, first int) {
	what := "Items"
	if t.Kind == model.Map {
		what = "Properties"
	}
	if low, high := bounds(t.Checks.MinItems, t.Checks.MaxItems); low > 0 || high >= 0 {
		w.printf("v.Count(len(%s), %d, %d, %q%s)\n", value, low, high, what, pathArgs(path))
	}
	if t.Checks.Unique && t.Kind == model.List {
		result := returned(w.p.appendExpr(t.Elem, value+"[i]"))
		w.printf("v.Unique(len(%s), func(i int) ([]byte, error) {\nvar dst []byte\n%s}%s)\n", value, result, pathArgs(path))
	}
	i := w.fresh()
	inner := &validator{p: w.p, name: w.name, vars: w.vars}
	at := i
	if first > 0 && t.Kind == model.List {
		at = fmt.Sprintf("%s+%d", i, first)
	}
	if t.Kind == model.Map {
		inner.valueAt(t.Elem, "e"+i, append(append([]string{}, path...), at))
	} else {
		inner.valueAt(t.Elem, value+"["+i+"]", append(append([]string{}, path...), at))
	}
	key := ""
	if t.Checks.KeyPattern != "" {
		key = fmt.Sprintf("v.Match(%s, %s%s)\n", i, w.pattern(t.Checks.KeyPattern), pathArgs(append(append([]string{}, path...), i)))
	}
	w.patterns, w.vars = append(w.patterns, inner.patterns...), inner.vars
	text := inner.b.String()
	switch {
	case text == "" && key == "":
	case t.Kind == model.Map:
		w.printf("for %s, %s := range validate.Ordered(%s) {\n", i, "e"+i, value)
		if text == "" {
			w.printf("_ = e%s\n", i)
		}
		w.printf("%s%s}\n", key, text)
	default:
		w.printf("for %s := range %s {\n%s}\n", i, value, text)
	}
}
