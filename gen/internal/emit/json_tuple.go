package emit

import "github.com/xraph/dispatch/gen/internal/model"

// tupleAppend is the body of AppendJSON of a struct that is an array.
func (p *printer) tupleAppend(s *model.Struct) string {
	var c code
	c.printf("n := z.items()\ndst = append(dst, '[')\n")
	for i, f := range s.Fields {
		c.printf("if n > %d {\n", i)
		if i > 0 {
			c.printf("dst = append(dst, ',')\n")
		}
		if f.Presence == model.Fixed {
			c.printf("dst = %s\n", appendText(constant(f.Type)))
		} else {
			c.printf("%s", assigned(p.tupleItem(f)))
		}
		c.printf("}\n")
	}
	if s.Extra != nil {
		c.printf("for i := range z.Extra {\nif n+i > 0 {\ndst = append(dst, ',')\n}\n%s}\n", assigned(p.appendExpr(s.Extra, "z.Extra[i]")))
	}
	c.printf("return append(dst, ']'), nil\n")
	return c.String()
}

// tupleItem appends an item that is written: one that is absent before one that is present is null.
func (p *printer) tupleItem(f *model.Field) (call string, fallible bool) {
	if f.Presence == model.Pointer {
		return "codec.AppendPointer(dst, z." + f.Name + ", " + p.appendFunc(f.Type) + ")", true
	}
	return p.fieldAppend(f)
}

// tupleFallible reports whether a tuple's AppendJSON needs a variable for an error.
func (p *printer) tupleFallible(s *model.Struct) bool {
	for _, f := range s.Fields {
		if f.Presence == model.Fixed {
			continue
		}
		if _, fallible := p.tupleItem(f); fallible {
			return true
		}
	}
	if s.Extra == nil {
		return false
	}
	_, fallible := p.appendExpr(s.Extra, "z")
	return fallible
}

// tupleScan is the body of ScanJSON of a struct that is an array.
func (p *printer) tupleScan(s *model.Struct) string {
	var c code
	c.printf("if !s.Array() {\nreturn\n}\n")
	for _, f := range s.Fields {
		missing := ""
		if f.Required && p.strict() {
			missing = "s.MissingItem()\n"
		}
		c.printf("if !s.Element() {\n%sreturn\n}\n%s\n", missing, p.fieldScan(f))
	}
	if s.Extra == nil {
		c.printf("s.NoMoreItems()")
		return c.String()
	}
	c.printf("z.Extra = nil\nfor s.Element() {\nvar v %s\n%s\nz.Extra = append(z.Extra, v)\n}", p.goType(s.Extra), p.scanExpr(s.Extra, variable("v")))
	return c.String()
}
