package emit

import "github.com/xraph/dispatch/gen/internal/model"

// unionJSON prints the codec of a union.
func (p *printer) unionJSON(u *model.Union) {
	if !u.Sealed() {
		for _, v := range u.Variants {
			p.asMethod(u, v)
		}
		p.appendMethod(u.Name, returned("codec.AppendRaw(dst, z.JSON)", true), false)
		p.scanMethod(u, u.Name, "codec.ScanRaw(s, &z.JSON)")
		return
	}
	p.variantAppend(u)
	p.variantScan(u)
	p.decodeUnion(u)
	if c := u.Carrier(); c != "" {
		p.appendMethod(c, returned("codec.AppendRaw(dst, z.JSON)", true), false)
		p.scanMethod(nil, c, "codec.ScanRaw(s, &z.JSON)")
	}
}

// variantAppend prints the function that appends a sealed interface.
func (p *printer) variantAppend(u *model.Union) {
	var c code
	c.printf("%s", doc("%s appends the variant that v holds as JSON.", unionAppend(u)))
	c.printf("func %s(dst []byte, v %s) ([]byte, error) {\nswitch v := v.(type) {\n", unionAppend(u), u.Name)
	for _, v := range u.Variants {
		value, fallible := p.appendExpr(v.Type, "v")
		c.printf("case %s:\n%s", p.variantType(v), returned(value, fallible || p.byPointer(v)))
	}
	if carrier := u.Carrier(); carrier != "" {
		c.printf("case *%s:\nreturn v.AppendJSON(dst)\n", carrier)
	}
	c.printf("}\nreturn dst, &codec.Error{Kind: codec.ErrMissing, Detail: %q}\n}\n", "no "+u.Name)
	p.add(JSON, c.String())
}

// variantScan prints the function that reads a sealed interface.
func (p *printer) variantScan(u *model.Union) {
	var c code
	c.printf("%s", doc("%s reads a value of one of the variants.", unionScan(u)))
	c.printf("func %s(s *codec.Scanner, v *%s) {\n", unionScan(u), u.Name)
	c.printf("%s", p.assertScan(u))
	if u.Kind == model.Tagged {
		p.scanTagged(&c, u)
	} else {
		p.scanUntagged(&c, u)
	}
	c.printf("}\n")
	p.add(JSON, c.String())
}

// decodeUnion prints the functions by which users decode a document that is a union.
func (p *printer) decodeUnion(u *model.Union) {
	var c code
	c.printf("%s", doc("Decode%s decodes a JSON document. Errors are *codec.Error.", u.Name))
	c.printf("func Decode%[1]s(data []byte) (v %[1]s, err error) {\ns := codec.NewScanner(data)\n%[2]s", u.Name, p.refuseNull())
	c.printf("%s(&s, &v)\nif err = s.End(); err != nil {\nreturn nil, err\n}\nreturn v, nil\n}\n", unionScan(u))
	c.printf("%s", doc("Encode%s encodes a value as a JSON document.", u.Name))
	c.printf("func Encode%[1]s(v %[1]s) ([]byte, error) {\nreturn %[2]s(nil, v)\n}\n", u.Name, unionAppend(u))
	p.add(JSON, c.String())
}

func (p *printer) scanTagged(c *code, u *model.Union) {
	c.printf("tag, ok := s.Tag(%q)\nif !ok {\nreturn\n}\nswitch tag {\n", u.Tag)
	for _, v := range u.Variants {
		c.printf("case %s:\nz := new(%s)\nz.ScanJSON(s)\n*v = z\n", tagList(v), p.goType(v.Type))
	}
	if carrier := u.Carrier(); carrier != "" {
		c.printf("default:\nz := new(%s)\nz.ScanJSON(s)\n*v = z\n", carrier)
	} else {
		c.printf("default:\ns.Fail(codec.ErrValue, %q+tag)\n", "the "+u.Tag+" ")
	}
	c.printf("}\n")
}

// scanUntagged tries the variants in their order.
func (p *printer) scanUntagged(c *code, u *model.Union) {
	c.printf("codec.ScanChoice(s, v, %t,\n", u.Exclusive)
	for _, v := range u.Variants {
		p.choice(c, u, v)
	}
	c.printf(")\n")
}

// choice prints a variant as codec tries it.
func (p *printer) choice(c *code, u *model.Union, v *model.Variant) {
	c.printf("codec.Choice[%s]{", u.Name)
	if kinds := kindList(v); kinds != "" {
		c.printf("Kinds: []codec.Kind{%s}, ", kinds)
	}
	if len(v.Required) > 0 {
		c.printf("Required: []string{%s}, ", quotedList(v.Required))
	}
	c.printf("Read: func(s *codec.Scanner) %s {\nvar z %s\n%s\n", u.Name, p.goType(v.Type), p.scanExpr(v.Type, variable("z")))
	if check := p.validity(v.Type, "z"); check != "" {
		c.printf("if s.OK() {\ns.Check(%s)\n}\n", check)
	}
	if p.byPointer(v) {
		c.printf("return &z\n}},\n")
	} else {
		c.printf("return z\n}},\n")
	}
}

// asMethod prints the method that decodes an ambiguous value as one variant.
func (p *printer) asMethod(u *model.Union, v *model.Variant) {
	var c code
	c.printf("%s", doc("%s decodes the value as %s.", u.As(v), v.Name))
	c.printf("func (z *%s) %s() (v %s, err error) {\n", u.Name, u.As(v), p.goType(v.Type))
	expect := ""
	if v.Others != nil {
		expect = "if !s.Expect(" + kindList(v) + ") {\nreturn v, s.Err()\n}\n"
	}
	c.printf("doc := codec.NewScanner(z.JSON)\ns := &doc\n%s%s%s\nreturn v, s.End()\n}\n", p.refuseNull(), expect, p.scanExpr(v.Type, variable("v")))
	p.add(JSON, c.String())
}
