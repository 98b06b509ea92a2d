package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// unionAppend and unionScan are the names of an interface's codec, which has no methods of its own.
func unionAppend(u *model.Union) string { return "append" + u.Name }
func unionScan(u *model.Union) string   { return "scan" + u.Name }

// unionJSON prints the codec of a union.
func (p *printer) unionJSON(u *model.Union) {
	if !u.Sealed() {
		p.appendMethod(u.Name, []jen.Code{jen.Return(codecCall("AppendRaw", jen.Id("dst"), jen.Id("z").Dot("JSON")))}, false)
		p.scanMethod(u.Name, codecCall("ScanRaw", jen.Id("s"), jen.Op("&").Id("z").Dot("JSON")))
		return
	}
	dst := jen.Id("dst")
	p.part(JSON).Add(comment(unionAppend(u) + " appends the variant that v holds as JSON."))
	p.part(JSON).Func().Id(unionAppend(u)).Params(jen.Id("dst").Index().Byte(), jen.Id("v").Id(u.Name)).Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Switch(jen.Id("v").Op(":=").Id("v").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
			for _, v := range u.Variants {
				value, fallible := p.appendExpr(v.Type, jen.Id("v"))
				if p.byPointer(v) {
					g.Case(p.variantType(v)).Block(jen.Return(value))
				} else {
					g.Case(p.variantType(v)).Block(returned(value, fallible))
				}
			}
			if c := u.Carrier(); c != "" {
				g.Case(jen.Op("*").Id(c)).Block(jen.Return(jen.Id("v").Dot("AppendJSON").Call(dst)))
			}
		}),
		jen.Return(dst, jen.Op("&").Qual(codecPath, "Error").Values(
			jen.Id("Kind").Op(":").Qual(codecPath, "ErrMissing"), jen.Id("Detail").Op(":").Lit("no "+u.Name))),
	)
	p.part(JSON).Line()
	p.part(JSON).Add(comment(unionScan(u) + " reads a value of one of the variants."))
	p.part(JSON).Func().Id(unionScan(u)).Params(scanner(), jen.Id("v").Op("*").Id(u.Name)).BlockFunc(func(g *jen.Group) {
		if u.Kind == model.Tagged {
			p.scanTagged(g, u)
		} else {
			p.scanUntagged(g, u)
		}
	})
	p.part(JSON).Line()
	p.decodeUnion(u)
	if c := u.Carrier(); c != "" {
		p.appendMethod(c, []jen.Code{jen.Return(codecCall("AppendRaw", jen.Id("dst"), jen.Id("z").Dot("JSON")))}, false)
		p.scanMethod(c, codecCall("ScanRaw", jen.Id("s"), jen.Op("&").Id("z").Dot("JSON")))
	}
}

// decodeUnion prints the functions by which users decode a document that is a union.
func (p *printer) decodeUnion(u *model.Union) {
	p.part(JSON).Add(comment("Decode" + u.Name + " decodes a JSON document. Errors are *codec.Error."))
	p.part(JSON).Func().Id("Decode"+u.Name).Params(jen.Id("data").Index().Byte()).Params(jen.Id("v").Id(u.Name), jen.Err().Error()).BlockFunc(func(g *jen.Group) {
		g.Id("s").Op(":=").Qual(codecPath, "NewScanner").Call(jen.Id("data"))
		if p.strict() {
			g.Id("s").Dot("RefuseNull").Call()
		}
		g.Id(unionScan(u)).Call(jen.Op("&").Id("s"), jen.Op("&").Id("v"))
		g.If(jen.Err().Op("=").Id("s").Dot("End").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
		g.Return(jen.Id("v"), jen.Nil())
	})
	p.part(JSON).Line()
	p.part(JSON).Add(comment("Encode" + u.Name + " encodes a value as a JSON document."))
	p.part(JSON).Func().Id("Encode"+u.Name).Params(jen.Id("v").Id(u.Name)).Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Return(jen.Id(unionAppend(u)).Call(jen.Nil(), jen.Id("v"))))
	p.part(JSON).Line()
}

func (p *printer) scanTagged(g *jen.Group, u *model.Union) {
	s := jen.Id("s")
	g.List(jen.Id("tag"), jen.Id("ok")).Op(":=").Add(s).Dot("Tag").Call(jen.Lit(u.Tag))
	g.If(jen.Op("!").Id("ok")).Block(jen.Return())
	g.Switch(jen.Id("tag")).BlockFunc(func(g *jen.Group) {
		for _, v := range u.Variants {
			var tags []jen.Code
			for _, t := range v.Tags {
				tags = append(tags, jen.Lit(t.Text))
			}
			g.Case(tags...).Block(
				jen.Id("z").Op(":=").New(p.goType(v.Type)),
				jen.Id("z").Dot("ScanJSON").Call(s),
				jen.Op("*").Id("v").Op("=").Id("z"),
			)
		}
		if c := u.Carrier(); c != "" {
			g.Default().Block(
				jen.Id("z").Op(":=").New(jen.Id(c)),
				jen.Id("z").Dot("ScanJSON").Call(s),
				jen.Op("*").Id("v").Op("=").Id("z"),
			)
		} else {
			g.Default().Block(s.Clone().Dot("Fail").Call(jen.Qual(codecPath, "ErrValue"), jen.Lit("the "+u.Tag+" ").Op("+").Id("tag")))
		}
	})
}

// scanUntagged tries the variants in their order.
func (p *printer) scanUntagged(g *jen.Group, u *model.Union) {
	args := []jen.Code{jen.Id("s"), jen.Id("v"), jen.Lit(u.Exclusive)}
	for _, v := range u.Variants {
		args = append(args, jen.Line().Qual(codecPath, "Choice").Types(jen.Id(u.Name)).Values(p.choice(u, v)...))
	}
	g.Add(codecCall("ScanChoice", append(args, jen.Line())...))
}

// choice is a variant as codec tries it.
func (p *printer) choice(u *model.Union, v *model.Variant) []jen.Code {
	var members []jen.Code
	if kinds := kindsOf(v); kinds != nil {
		members = append(members, jen.Id("Kinds").Op(":").Index().Qual(codecPath, "Kind").Values(kinds...))
	}
	if len(v.Required) > 0 {
		var names []jen.Code
		for _, name := range v.Required {
			names = append(names, jen.Lit(name))
		}
		members = append(members, jen.Id("Required").Op(":").Index().String().Values(names...))
	}
	return append(members, jen.Id("Read").Op(":").Func().Params(scanner()).Id(u.Name).BlockFunc(func(g *jen.Group) {
		g.Var().Id("z").Add(p.goType(v.Type))
		g.Add(p.scanExpr(v.Type, place{jen.Op("&").Id("z"), jen.Id("z")}))
		if check := p.checkExpr(v.Type, jen.Id("z")); check != nil {
			g.If(jen.Id("s").Dot("OK").Call()).Block(jen.Id("s").Dot("Check").Call(check))
		}
		if p.byPointer(v) {
			g.Return(jen.Op("&").Id("z"))
		} else {
			g.Return(jen.Id("z"))
		}
	}))
}

// kindsOf are the kinds of JSON that a variant's values are, nil for any.
func kindsOf(v *model.Variant) []jen.Code {
	names := map[string]string{
		"array": "KindArray", "boolean": "KindBool", "integer": "KindNumber", "number": "KindNumber", "object": "KindObject", "string": "KindString",
	}
	if len(v.JSONTypes) == len(names) {
		return nil
	}
	var kinds []jen.Code
	for _, t := range v.JSONTypes {
		kinds = append(kinds, jen.Qual(codecPath, names[t]))
	}
	return kinds
}
