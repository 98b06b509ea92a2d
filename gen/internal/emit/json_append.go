package emit

import "github.com/xraph/dispatch/gen/internal/model"

// structAppend is the body of a struct's AppendJSON. Every member begins with a comma; the first
// one's becomes the brace: here if the first member is always written, else by codec.CloseObject.
func (p *printer) structAppend(s *model.Struct) string {
	var c code
	text := "" // known here and not yet appended
	flush := func() {
		if text != "" {
			c.printf("dst = %s\n", appendText(text))
			text = ""
		}
	}
	braced := len(s.Fields) > 0 && !omittable(s.Fields[0])
	if !braced {
		c.printf("start := len(dst)\n")
	}
	for i, f := range s.Fields {
		key := "," + quoted(f.JSON) + ":"
		if braced && i == 0 {
			key = "{" + key[1:]
		}
		switch f.Presence {
		case model.Fixed:
			text += key + constant(f.Type)
		case model.Always:
			text += key
			flush()
			c.printf("%s", assigned(p.fieldAppend(f)))
		default:
			flush()
			c.printf("if %s {\ndst = %s\n%s}\n", p.present(f), appendText(key), assigned(p.fieldAppend(f)))
		}
	}
	if s.Extra != nil {
		flush()
		c.printf("%s", assigned("codec.AppendMembers(dst, z.Extra, "+p.appendFunc(s.Extra)+")", true))
	}
	if braced {
		text += "}"
		c.printf("return %s, nil\n", appendText(text))
	} else {
		flush()
		c.printf("return codec.CloseObject(dst, start), nil\n")
	}
	return c.String()
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

// constant is the only value of a type, as JSON.
func constant(t *model.Type) string {
	if c := t.Checks.Const; c != nil {
		return c.JSON()
	}
	return "null"
}

// omittable reports whether a field's member may be absent.
func omittable(f *model.Field) bool {
	return f.Presence != model.Always && f.Presence != model.Fixed
}

// present is the condition under which the member of an omittable field is written.
func (p *printer) present(f *model.Field) string {
	field := "z." + f.Name
	switch f.Presence {
	case model.OmitZero, model.Carrier:
		return "!" + field + ".IsZero()"
	case model.Pointer:
		return field + " != nil"
	default:
		t := f.Type.Underlying()
		if e := t.Enum(); e != nil {
			t = e.Base
		}
		return p.row(t).present(p, field)
	}
}

// fieldAppend is the call that appends the value of a field whose member is present.
func (p *printer) fieldAppend(f *model.Field) (call string, fallible bool) {
	field := "z." + f.Name
	switch {
	case f.Presence == model.Carrier:
		return "codec.AppendOptional(dst, " + field + ", " + p.appendFunc(f.Type) + ")", true
	case f.Indirect:
		return "codec.AppendPointer(dst, " + field + ", " + p.appendFunc(f.Type) + ")", true
	case f.Presence == model.Pointer && p.hasAppendJSON(f.Type):
		return field + ".AppendJSON(dst)", true
	case f.Presence == model.Pointer:
		return p.appendExpr(f.Type, "*"+field)
	}
	return p.appendExpr(f.Type, field)
}

// appendExpr is the call that appends a value. A fallible one returns an error too.
func (p *printer) appendExpr(t *model.Type, value string) (call string, fallible bool) {
	return p.row(t).append(p, t, value)
}

// appendFunc is a function that appends what a pointer to t points at.
func (p *printer) appendFunc(t *model.Type) string {
	if p.hasAppendJSON(t) {
		return "codec.AppendValue[" + p.goType(t) + "]"
	}
	return "func(dst []byte, e *" + p.goType(t) + ") ([]byte, error) {\n" + returned(p.appendExpr(t, "*e")) + "}"
}

// hasAppendJSON reports whether a type has the method AppendJSON.
func (p *printer) hasAppendJSON(t *model.Type) bool {
	if t.Kind != model.Named {
		return false
	}
	switch d := t.Decl.(type) {
	case *model.Enum:
		return d.Closed
	case *model.Defined:
		if d.Type.Kind == model.Named {
			return p.hasAppendJSON(d.Type)
		}
		return p.hasMethods(d)
	case *model.Union:
		return !d.Sealed()
	}
	return true
}

// appendNamed is appendExpr for a declaration.
func (p *printer) appendNamed(t *model.Type, value string) (call string, fallible bool) {
	if p.hasAppendJSON(t) {
		return value + ".AppendJSON(dst)", true
	}
	switch d := t.Decl.(type) {
	case *model.Enum:
		return p.appendExpr(d.Base, value)
	case *model.Defined:
		return p.appendExpr(d.Type, value)
	case *model.Union:
		return unionAppend(d) + "(dst, " + value + ")", true
	}
	return value, false
}
