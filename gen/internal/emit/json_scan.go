package emit

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// structScan is the body of a struct's ScanJSON.
func (p *printer) structScan(s *model.Struct) []jen.Code {
	demands := p.strict() || p.toldByMembers(s)
	var required []jen.Code
	var cases []jen.Code
	for _, f := range s.Fields {
		cases = append(cases, jen.Case(jen.Lit(f.JSON)).BlockFunc(func(g *jen.Group) {
			if f.Required && demands {
				g.Id("seen").Index(jen.Lit(len(required))).Op("=").True()
				required = append(required, jen.Lit(f.JSON))
			}
			g.Add(p.fieldScan(f))
		}))
	}
	if s.Unknown != model.Ignore && len(s.Unset) > 0 {
		var names []jen.Code
		for _, name := range s.Unset {
			names = append(names, jen.Lit(name))
		}
		cases = append(cases, jen.Case(names...).Block(skip()))
	}
	cases = append(cases, jen.Default().Block(p.unknownScan(s)))

	body := []jen.Code{jen.If(jen.Op("!").Id("s").Dot("Object").Call()).Block(jen.Return())}
	if len(required) > 0 {
		body = append(body, jen.Var().Id("seen").Index(jen.Lit(len(required))).Bool())
	}
	body = append(body, jen.For(jen.Id("s").Dot("Member").Call()).Block(
		jen.Switch(jen.String().Call(jen.Id("s").Dot("Key").Call())).Block(cases...)))
	if len(required) > 0 {
		body = append(body, jen.Id("s").Dot("Require").Call(append([]jen.Code{jen.Id("seen").Index(jen.Op(":"))}, required...)...))
	}
	return body
}

// toldByMembers reports whether it is by its required members that a struct is told from other types.
func (p *printer) toldByMembers(s *model.Struct) bool {
	for _, d := range p.model.Decls {
		u, ok := d.(*model.Union)
		if ok && u.Kind == model.Untagged && slices.ContainsFunc(u.Variants, func(v *model.Variant) bool { return v.Type.Struct() == s }) {
			return true
		}
	}
	return false
}

func skip() *jen.Statement { return jen.Id("s").Dot("Skip").Call() }

// unknownScan reads a member that has no field.
func (p *printer) unknownScan(s *model.Struct) *jen.Statement {
	switch {
	case s.Extra != nil:
		return codecCall("ScanMember", jen.Id("s"), jen.Op("&").Id("z").Dot("Extra"), p.scanFunc(s.Extra))
	case s.Unknown == model.Reject:
		return jen.Id("s").Dot("Fail").Call(jen.Qual(codecPath, "ErrUnknown"), jen.Lit(""))
	}
	return skip()
}

// fieldScan reads the value of a member into its field.
func (p *printer) fieldScan(f *model.Field) *jen.Statement {
	field := jen.Id("z").Dot(f.Name)
	switch {
	case f.Presence == model.Fixed:
		return codecCall("ScanConst", jen.Id("s"), literal(constant(f.Type)))
	case f.Presence == model.Carrier:
		return codecCall("ScanOptional", jen.Id("s"), jen.Op("&").Add(field), p.scanFunc(f.Type))
	case f.Presence == model.Pointer:
		return codecCall("ScanPresent", jen.Id("s"), jen.Op("&").Add(field), p.scanFunc(f.Type))
	case f.Indirect:
		return codecCall("ScanPointer", jen.Id("s"), jen.Op("&").Add(field), p.scanFunc(f.Type))
	}
	read := p.scanExpr(f.Type, place{jen.Op("&").Add(field), field})
	refuse := func(empty *jen.Statement, what string) *jen.Statement {
		return jen.Add(read).Line().If(jen.Id("z").Dot(f.Name).Op("==").Add(empty)).Block(
			jen.Id("s").Dot("Fail").Call(jen.Qual(codecPath, "ErrValue"), jen.Lit(what)))
	}
	switch {
	case p.neverEmpty(f):
		return refuse(jen.Lit(""), "the empty string")
	case p.neverZero(f):
		return refuse(jen.Lit(0), "0")
	}
	return read
}

// neverZero is neverEmpty for the zero of an enum of integers.
func (p *printer) neverZero(f *model.Field) bool {
	if !p.strict() || f.Presence != model.OmitEmpty || f.Default != nil {
		return false
	}
	e := f.Type.Underlying().Enum()
	return e != nil && e.Base.Kind == model.Int
}

// neverEmpty reports whether a field's empty string means that its member is
// absent, so that a document must not have it.
func (p *printer) neverEmpty(f *model.Field) bool {
	if !p.strict() || f.Presence != model.OmitEmpty || f.Default != nil {
		return false
	}
	t := f.Type.Underlying()
	if e := t.Enum(); e != nil {
		t = e.Base
	}
	return t.Kind == model.String
}

// place is where a value is read into: a pointer to it, and what its methods are called on.
type place struct{ pointer, target *jen.Statement }

// at is the place that a pointer points at.
func at(pointer *jen.Statement) place { return place{pointer, pointer} }

// scanExpr is the call that reads a value.
func (p *printer) scanExpr(t *model.Type, into place) *jen.Statement {
	s := jen.Id("s")
	switch t.Kind {
	case model.Duration:
		if t.Unit == "ns" {
			return codecCall("ScanInt", s, into.pointer)
		}
		return codecCall("ScanDuration", s, into.pointer, unit(t))
	case model.NullOnly:
		return codecCall("ScanConst", s, jen.Lit("null"))
	case model.List:
		return codecCall("ScanList", s, into.pointer, p.scanFunc(t.Elem))
	case model.Map:
		return codecCall("ScanMap", s, into.pointer, p.scanFunc(t.Elem))
	case model.Nullable:
		if nilInterface(t) {
			return codecCall("ScanInterface", s, into.pointer, jen.Id(unionScan(t.Elem.Underlying().Union())))
		}
		return codecCall("ScanPointer", s, into.pointer, p.scanFunc(t.Elem))
	case model.Named:
		return p.scanNamed(t, into)
	}
	return codecCall(scanName(t), s, into.pointer)
}

// scanName is the function of codec that reads a scalar.
func scanName(t *model.Type) string {
	switch t.Kind {
	case model.Bool:
		return "ScanBool"
	case model.Int:
		if t.Unsigned {
			return "ScanUint"
		}
		return "ScanInt"
	case model.Float:
		return "ScanFloat"
	case model.Bytes:
		return "ScanBytes"
	case model.Time:
		return "ScanTime"
	case model.JSON:
		return "ScanRaw"
	case model.Any:
		return "ScanAny"
	}
	return "ScanString"
}

func (p *printer) scanNamed(t *model.Type, into place) *jen.Statement {
	switch d := t.Decl.(type) {
	case *model.Enum:
		if !d.Closed {
			return codecCall(scanName(d.Base), jen.Id("s"), into.pointer)
		}
	case *model.Union:
		if d.Sealed() {
			return jen.Id(unionScan(d)).Call(jen.Id("s"), into.pointer)
		}
	case *model.Defined:
		if d.Type.Kind == model.Named {
			return p.scanExpr(d.Type, into)
		}
		if !hasMethods(d) {
			return p.scanExpr(d.Type, at(convert(jen.Op("*").Add(p.goType(d.Type)), into.pointer)))
		}
	}
	return jen.Add(into.target).Dot("ScanJSON").Call(jen.Id("s"))
}

// scanFunc is a function that reads a value into what a pointer to t points at.
func (p *printer) scanFunc(t *model.Type) *jen.Statement {
	scalar := t
	if e := t.Enum(); e != nil && !e.Closed {
		scalar = e.Base
	}
	switch scalar.Kind {
	case model.Bool, model.Int, model.Float, model.Bytes, model.String:
		return jen.Qual(codecPath, scanName(scalar)).Types(p.goType(t))
	case model.Time, model.JSON, model.Any:
		return jen.Qual(codecPath, scanName(scalar))
	}
	if p.appendsItself(t) {
		return jen.Qual(codecPath, "ScanValue").Types(p.goType(t))
	}
	return jen.Func().Params(scanner(), jen.Id("e").Op("*").Add(p.goType(t))).Block(p.scanExpr(t, at(jen.Id("e"))))
}

// closedScan reads a value of a closed enum.
func (p *printer) closedScan(e *model.Enum) *jen.Statement {
	name := "ScanEnum"
	if e.Base.Kind == model.Int {
		name = "ScanIntEnum"
	}
	args := []jen.Code{jen.Id("s"), jen.Id("z")}
	for _, v := range e.Values {
		args = append(args, jen.Id(v.Name))
	}
	return codecCall(name, args...)
}
