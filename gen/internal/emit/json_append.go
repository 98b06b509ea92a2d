package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// structAppend is the body of a struct's AppendJSON. Every member begins with a
// comma; the first one's becomes the brace, here if the first member always stands, else by codec.CloseObject.
func (p *printer) structAppend(s *model.Struct) []jen.Code {
	var body []jen.Code
	text := "" // known here and not yet appended
	flush := func() {
		if text != "" {
			body = append(body, jen.Id("dst").Op("=").Add(appendText(text)))
			text = ""
		}
	}
	braced := len(s.Fields) > 0 && alwaysStands(s.Fields[0])
	if !braced {
		body = append(body, jen.Id("start").Op(":=").Len(jen.Id("dst")))
	}
	for i, f := range s.Fields {
		key := "," + quoted(f.JSON) + ":"
		if braced && i == 0 {
			key = "{" + key[1:]
		}
		switch {
		case f.Presence == model.Fixed:
			text += key + constant(f.Type)
		case f.Presence == model.Always:
			text += key
			flush()
			value, fallible := p.fieldAppend(f)
			body = append(body, assigned(value, fallible))
		default:
			flush()
			value, fallible := p.fieldAppend(f)
			body = append(body, jen.If(p.present(f)).Block(jen.Id("dst").Op("=").Add(appendText(key)), assigned(value, fallible)))
		}
	}
	if s.Extra != nil {
		flush()
		body = append(body, assigned(codecCall("AppendMembers", jen.Id("dst"), jen.Id("z").Dot("Extra"), p.appendFunc(s.Extra)), true))
	}
	if braced {
		text += "}"
		body = append(body, jen.Return(appendText(text), jen.Nil()))
	} else {
		flush()
		body = append(body, jen.Return(codecCall("CloseObject", jen.Id("dst"), jen.Id("start")), jen.Nil()))
	}
	return body
}

// structFallible reports whether a struct's AppendJSON needs a variable for an error.
func (p *printer) structFallible(s *model.Struct) bool {
	for _, f := range s.Fields {
		if f.Presence == model.Fixed {
			continue
		}
		if _, fallible := p.fieldAppend(f); fallible {
			return true
		}
	}
	return s.Extra != nil
}

func alwaysStands(f *model.Field) bool {
	return f.Presence == model.Always || f.Presence == model.Fixed
}

// constant is the only value of a type, as JSON.
func constant(t *model.Type) string {
	if t.Kind == model.NullOnly {
		return "null"
	}
	return t.Checks.Const.JSON()
}

// assigned assigns what a call appends to dst.
func assigned(call *jen.Statement, fallible bool) *jen.Statement {
	if !fallible {
		return jen.Id("dst").Op("=").Add(call)
	}
	return jen.If(jen.List(jen.Id("dst"), jen.Err()).Op("=").Add(call), jen.Err().Op("!=").Nil()).Block(
		jen.Return(jen.Id("dst"), jen.Err()))
}

// present is the condition under which a member stands that may be absent.
func (p *printer) present(f *model.Field) *jen.Statement {
	field := jen.Id("z").Dot(f.Name)
	switch f.Presence {
	case model.OmitZero, model.Carrier:
		return jen.Op("!").Add(field).Dot("IsZero").Call()
	case model.Pointer:
		return field.Op("!=").Nil()
	}
	t := f.Type.Underlying()
	if e := t.Enum(); e != nil {
		t = e.Base
	}
	switch t.Kind {
	case model.Bool:
		return field
	case model.String:
		return field.Op("!=").Lit("")
	case model.Bytes, model.List, model.Map:
		if p.strict() {
			return field.Op("!=").Nil()
		}
		return jen.Len(field).Op(">").Lit(0)
	case model.JSON:
		return jen.Len(field).Op(">").Lit(0)
	case model.Int, model.Float, model.Duration:
		return field.Op("!=").Lit(0)
	}
	return field.Op("!=").Nil()
}

// fieldAppend is the call that appends the value of a field whose member stands.
func (p *printer) fieldAppend(f *model.Field) (call *jen.Statement, fallible bool) {
	field := jen.Id("z").Dot(f.Name)
	switch {
	case f.Presence == model.Carrier:
		return codecCall("AppendOptional", jen.Id("dst"), field, p.appendFunc(f.Type)), true
	case f.Indirect:
		return codecCall("AppendPointer", jen.Id("dst"), field, p.appendFunc(f.Type)), true
	case f.Presence == model.Pointer && p.appendsItself(f.Type):
		return field.Dot("AppendJSON").Call(jen.Id("dst")), true
	case f.Presence == model.Pointer:
		return p.appendExpr(f.Type, jen.Op("*").Add(field))
	}
	return p.appendExpr(f.Type, field)
}

// appendsItself reports whether a type has the method AppendJSON.
func (p *printer) appendsItself(t *model.Type) bool {
	if t.Kind != model.Named {
		return false
	}
	switch d := t.Decl.(type) {
	case *model.Enum:
		return d.Closed
	case *model.Defined:
		if d.Type.Kind == model.Named {
			return p.appendsItself(d.Type)
		}
		return hasMethods(d)
	case *model.Union:
		return !d.Sealed()
	}
	return true
}

// appendExpr is the call that appends a value. A fallible one returns an error too.
func (p *printer) appendExpr(t *model.Type, value *jen.Statement) (call *jen.Statement, fallible bool) {
	dst := jen.Id("dst")
	switch t.Kind {
	case model.Bool:
		return codecCall("AppendBool", dst, value), false
	case model.Int:
		if t.Unsigned {
			return codecCall("AppendUint", dst, value), false
		}
		return codecCall("AppendInt", dst, value), false
	case model.Duration:
		if t.Unit == "ns" {
			return codecCall("AppendInt", dst, value), false
		}
		return codecCall("AppendDuration", dst, value, unit(t)), true
	case model.Float:
		return codecCall("AppendFloat", dst, value), true
	case model.Bytes:
		return codecCall("AppendBytes", dst, value), false
	case model.Time:
		return codecCall("AppendTime", dst, value), true
	case model.JSON:
		return codecCall("AppendRaw", dst, value), true
	case model.Any:
		return codecCall("AppendAny", dst, value), true
	case model.NullOnly:
		return appendText("null"), false
	case model.List:
		return codecCall("AppendList", dst, value, p.appendFunc(t.Elem)), true
	case model.Map:
		return codecCall("AppendMap", dst, value, p.appendFunc(t.Elem)), true
	case model.Nullable:
		if nilInterface(t) {
			return codecCall("AppendInterface", dst, value, jen.Id(unionAppend(t.Elem.Underlying().Union()))), true
		}
		return codecCall("AppendPointer", dst, value, p.appendFunc(t.Elem)), true
	case model.Named:
		return p.appendNamed(t, value)
	}
	return codecCall("AppendString", dst, value), false
}

func (p *printer) appendNamed(t *model.Type, value *jen.Statement) (call *jen.Statement, fallible bool) {
	if p.appendsItself(t) {
		return value.Dot("AppendJSON").Call(jen.Id("dst")), true
	}
	switch d := t.Decl.(type) {
	case *model.Enum:
		return p.appendExpr(d.Base, value)
	case *model.Defined:
		return p.appendExpr(d.Type, value)
	case *model.Union:
		return jen.Id(unionAppend(d)).Call(jen.Id("dst"), value), true
	}
	return value, false
}

// appendFunc is a function that appends what a pointer to t points at.
func (p *printer) appendFunc(t *model.Type) *jen.Statement {
	if p.appendsItself(t) {
		return jen.Qual(codecPath, "AppendValue").Types(p.goType(t))
	}
	call, fallible := p.appendExpr(t, jen.Op("*").Id("e"))
	return jen.Func().Params(jen.Id("dst").Index().Byte(), jen.Id("e").Op("*").Add(p.goType(t))).Params(jen.Index().Byte(), jen.Error()).Block(
		returned(call, fallible))
}

// unit is the unit of a duration.
func unit(t *model.Type) *jen.Statement {
	names := map[string]string{"ns": "Nanosecond", "us": "Microsecond", "ms": "Millisecond", "s": "Second"}
	return jen.Qual("time", names[t.Unit])
}
