package emit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// structScan is the body of a struct's ScanJSON.
func (p *printer) structScan(s *model.Struct) string {
	demands := p.strict() || p.chosenByMembers(s)
	var required []string
	var cases code
	for _, f := range s.Fields {
		cases.printf("case %q:\n", f.JSON)
		if f.Required && demands {
			cases.printf("seen[%d] = true\n", len(required))
			required = append(required, f.JSON)
		}
		cases.printf("%s\n", p.fieldScan(f))
	}
	if dropped := s.Dropped(); len(dropped) > 0 {
		cases.printf("case %s:\ns.Skip()\n", quotedList(dropped))
	}
	cases.printf("default:\n%s\n", p.unknownScan(s))

	var c code
	c.printf("if !s.Object() {\nreturn\n}\n")
	if len(required) > 0 {
		c.printf("var seen [%d]bool\n", len(required))
	}
	c.printf("for s.Member() {\nswitch string(s.Key()) {\n%s}\n}\n", cases.String())
	if len(required) > 0 {
		c.printf("s.Require(seen[:], %s)\n", quotedList(required))
	}
	return strings.TrimSuffix(c.String(), "\n")
}

// chosenByMembers reports whether a struct's required members distinguish it from other types.
func (p *printer) chosenByMembers(s *model.Struct) bool {
	for _, d := range p.model.Decls {
		u, ok := d.(*model.Union)
		if ok && u.Kind == model.Untagged && slices.ContainsFunc(u.Variants, func(v *model.Variant) bool { return v.Type.Struct() == s }) {
			return true
		}
	}
	return false
}

// unknownScan reads a member that has no field.
func (p *printer) unknownScan(s *model.Struct) string {
	switch {
	case s.Extra != nil:
		return "codec.ScanMember(s, &z.Extra, " + p.scanFunc(s.Extra) + ")"
	case s.Unknown == model.Reject:
		return `s.Fail(codec.ErrUnknown, "")`
	}
	return "s.Skip()"
}

// fieldScan reads the value of a member into its field.
func (p *printer) fieldScan(f *model.Field) string {
	field := "z." + f.Name
	into := func(function string) string {
		return "codec." + function + "(s, &" + field + ", " + p.scanFunc(f.Type) + ")"
	}
	switch {
	case f.Presence == model.Fixed:
		return "codec.ScanConst(s, " + literal(constant(f.Type)) + ")"
	case f.Presence == model.Carrier:
		return into("ScanOptional")
	case f.Presence == model.Pointer:
		return into("ScanPresent")
	case f.Indirect:
		return into("ScanPointer")
	}
	read := p.scanExpr(f.Type, place{"&" + field, field})
	refuse := func(empty, what string) string {
		return fmt.Sprintf("%s\nif %s == %s {\ns.Fail(codec.ErrValue, %q)\n}", read, field, empty, what)
	}
	switch {
	case p.rejectsEmpty(f):
		return refuse(`""`, "the empty string")
	case p.rejectsZero(f):
		return refuse("0", "0")
	}
	return read
}

// rejectsEmpty reports whether a field's empty string means that its member is absent, so that a
// document must not have it.
func (p *printer) rejectsEmpty(f *model.Field) bool { return p.rejectsZeroOf(f, model.String) }

// rejectsZero is rejectsEmpty for the zero of an enum of integers.
func (p *printer) rejectsZero(f *model.Field) bool { return p.rejectsZeroOf(f, model.Int) }

func (p *printer) rejectsZeroOf(f *model.Field, kind model.Kind) bool {
	if !p.strict() || f.Presence != model.OmitEmpty || model.AllowsZero(f.Type) {
		return false
	}
	t := f.Type.Underlying()
	if e := t.Enum(); e != nil {
		t = e.Base
	}
	return t.Kind == kind
}

// place is where a value is read into: a pointer to it, and what its methods are called on.
type place struct{ pointer, target string }

// at is the place that a pointer points at.
func at(pointer string) place { return place{pointer, pointer} }

// variable is the place of a variable.
func variable(name string) place { return place{"&" + name, name} }

// scanExpr is the call that reads a value.
func (p *printer) scanExpr(t *model.Type, into place) string { return p.row(t).scan(p, t, into) }

// scanNamed is scanExpr for a declaration.
func (p *printer) scanNamed(t *model.Type, into place) string {
	switch d := t.Decl.(type) {
	case *model.Enum:
		if !d.Closed {
			return p.scanExpr(d.Base, into)
		}
	case *model.Union:
		if d.Sealed() {
			return unionScan(d) + "(s, " + into.pointer + ")"
		}
	case *model.Defined:
		if d.Type.Kind == model.Named {
			return p.scanExpr(d.Type, into)
		}
		if !p.hasMethods(d) {
			return p.scanExpr(d.Type, at(convert("*"+p.goType(d.Type), into.pointer)))
		}
	}
	return into.target + ".ScanJSON(s)"
}

// scanFunc is a function that reads a value into what a pointer to t points at.
func (p *printer) scanFunc(t *model.Type) string {
	scalar := t
	if e := t.Enum(); e != nil && !e.Closed {
		scalar = e.Base
	}
	if name := p.row(scalar).scanFunc(scalar, p.goType(t)); name != "" {
		return name
	}
	if p.hasAppendJSON(t) {
		return "codec.ScanValue[" + p.goType(t) + "]"
	}
	return "func(s *codec.Scanner, e *" + p.goType(t) + ") {\n" + p.scanExpr(t, at("e")) + "\n}"
}

// closedScan reads a value of a closed enum.
func (p *printer) closedScan(e *model.Enum) string {
	args := []string{"s", "z"}
	for _, v := range e.Values {
		args = append(args, v.Name)
	}
	return "codec." + p.row(e.Base).scanEnum + "(" + strings.Join(args, ", ") + ")"
}

// kindList is the list of the kinds of JSON that a variant's values are, "" for any.
func kindList(v *model.Variant) string {
	names := map[string]string{
		"array": "KindArray", "boolean": "KindBool", "integer": "KindNumber", "null": "KindNull", "number": "KindNumber", "object": "KindObject", "string": "KindString",
	}
	if v.Others == nil && len(v.JSONTypes) == len(names)-1 {
		return ""
	}
	var kinds []string
	for _, t := range v.JSONTypes {
		kinds = append(kinds, "codec."+names[t])
	}
	return strings.Join(kinds, ", ")
}

// tagList is the list of a variant's tags.
func tagList(v *model.Variant) string {
	var tags []string
	for _, t := range v.Tags {
		tags = append(tags, strconv.Quote(t.Text))
	}
	return strings.Join(tags, ", ")
}
