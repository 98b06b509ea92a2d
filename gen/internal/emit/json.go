package emit

import "github.com/xraph/dispatch/gen/internal/model"

// jsonCodec prints the JSON codec of a declaration: an encoder that appends, a decoder that
// reads in one pass, and the methods that encoding/json calls. Enums need none, unless an
// unknown value is an error.
func (p *printer) jsonCodec(d model.Decl) {
	name := d.Info().Name
	switch d := d.(type) {
	case *model.Struct:
		if d.Tuple {
			p.appendMethod(name, p.tupleAppend(d), p.tupleFallible(d))
			p.scanMethod(d, name, p.tupleScan(d))
			return
		}
		p.appendMethod(name, p.structAppend(d), p.structFallible(d))
		p.scanMethod(d, name, p.structScan(d))
	case *model.Defined:
		if !p.hasMethods(d) {
			return
		}
		p.appendMethod(name, returned(p.appendExpr(d.Type, convert(p.goType(d.Type), "*z"))), false)
		p.scanMethod(d, name, p.scanExpr(d.Type, at(convert("*"+p.goType(d.Type), "z"))))
	case *model.Union:
		p.unionJSON(d)
	case *model.Enum:
		if !d.Closed && !p.strict() {
			return
		}
		p.appendMethod(name, returned(p.appendExpr(d.Base, "*z")), false)
		if d.Closed {
			p.scanMethod(d, name, p.closedScan(d))
		} else {
			p.scanMethod(d, name, p.scanExpr(d.Base, at("z")))
		}
	}
}

// hasMethods reports whether a defined type can have methods: an alias, a pointer and an interface
// cannot.
func (p *printer) hasMethods(d *model.Defined) bool { return !p.row(d.Type).isReference }

// appendMethod prints AppendJSON and MarshalJSON. named says that the body assigns the error by its
// name.
func (p *printer) appendMethod(name, body string, named bool) {
	var c code
	c.printf("\n// AppendJSON appends z to dst as JSON; nil is null. For generated code.\n")
	results := "([]byte, error)"
	if named {
		results = "(_ []byte, err error)"
	}
	c.printf("func (z *%s) AppendJSON(dst []byte) %s {\nif z == nil {\nreturn %s, nil\n}\n%s}\n", name, results, appendText("null"), body)
	c.printf("\n// MarshalJSON implements json.Marshaler.\nfunc (z %s) MarshalJSON() ([]byte, error) {\nreturn z.AppendJSON(nil)\n}\n", name)
	p.add(JSON, c.String())
}

// scanMethod prints ScanJSON and UnmarshalJSON.
func (p *printer) scanMethod(d model.Decl, name, body string) {
	var c code
	body = p.assertScan(d) + body
	c.printf("\n// ScanJSON reads z from s. For generated code.\nfunc (z *%s) ScanJSON(s *codec.Scanner) {\n%s\n}\n", name, body)
	c.printf("\n// UnmarshalJSON implements json.Unmarshaler.\nfunc (z *%s) UnmarshalJSON(data []byte) error {\n", name)
	c.printf("s := codec.NewScanner(data)\n%sz.ScanJSON(&s)\nreturn s.End()\n}\n", p.refuseNull())
	p.add(JSON, c.String())
}

// refuseNull makes a scanner s hold null to the schema, in types that hold documents to it.
func (p *printer) refuseNull() string {
	if p.strict() {
		return "s.RefuseNull()\n"
	}
	return ""
}

// strict reports whether a decoder refuses what the schema does. Those of the client and the wire
// do not, because servers may know an older or newer schema.
func (p *printer) strict() bool { return p.cfg.Target == Types }

// returned returns what a call appends.
func returned(call string, fallible bool) string {
	if fallible {
		return "return " + call + "\n"
	}
	return "return " + call + ", nil\n"
}

// assigned assigns what a call appends to dst.
func assigned(call string, fallible bool) string {
	if fallible {
		return "if dst, err = " + call + "; err != nil {\nreturn dst, err\n}\n"
	}
	return "dst = " + call + "\n"
}

// unionAppend and unionScan are the names of an interface's codec, which has no methods of its own.
func unionAppend(u *model.Union) string { return "append" + u.Name }
func unionScan(u *model.Union) string   { return "scan" + u.Name }
