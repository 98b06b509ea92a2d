package emit

import (
	"encoding/json"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// jsonCodec prints the JSON codec of a declaration: an encoder that appends, a decoder that
// reads in one pass, and what encoding/json calls them by. Enums need
// none, unless an unknown value is an error.
func (p *printer) jsonCodec(d model.Decl) {
	name := d.Info().Name
	switch d := d.(type) {
	case *model.Struct:
		if d.Tuple {
			p.appendMethod(name, p.tupleAppend(d), p.tupleFallible(d))
			p.scanMethod(name, p.tupleScan(d)...)
			return
		}
		p.appendMethod(name, p.structAppend(d), p.structFallible(d))
		p.scanMethod(name, p.structScan(d)...)
	case *model.Defined:
		if !hasMethods(d) {
			return
		}
		value, fallible := p.appendExpr(d.Type, convert(p.goType(d.Type), jen.Op("*").Id("z")))
		p.appendMethod(name, []jen.Code{returned(value, fallible)}, false)
		p.scanMethod(name, p.scanExpr(d.Type, at(convert(jen.Op("*").Add(p.goType(d.Type)), jen.Id("z")))))
	case *model.Union:
		p.unionJSON(d)
	case *model.Enum:
		if !d.Closed && !p.strict() {
			return
		}
		value, fallible := p.appendExpr(d.Base, jen.Op("*").Id("z"))
		p.appendMethod(name, []jen.Code{returned(value, fallible)}, false)
		if d.Closed {
			p.scanMethod(name, p.closedScan(d))
		} else {
			p.scanMethod(name, codecCall(scanName(d.Base), jen.Id("s"), jen.Id("z")))
		}
	}
}

// hasMethods reports whether a defined type can have methods: an alias, a pointer and an interface cannot.
func hasMethods(d *model.Defined) bool {
	switch d.Type.Kind {
	case model.Named, model.Nullable, model.Any:
		return false
	}
	return true
}

// appendMethod prints AppendJSON and MarshalJSON. named says that the body assigns the results by their names.
func (p *printer) appendMethod(name string, body []jen.Code, named bool) {
	result := jen.Params(jen.Index().Byte(), jen.Error())
	if named {
		result = jen.Params(jen.Id("_").Index().Byte(), jen.Err().Error())
	}
	p.part(JSON).Comment("AppendJSON appends z to dst as JSON; nil is null. For generated code.")
	p.part(JSON).Func().Params(jen.Id("z").Op("*").Id(name)).Id("AppendJSON").Params(jen.Id("dst").Index().Byte()).Add(result).BlockFunc(func(g *jen.Group) {
		g.If(jen.Id("z").Op("==").Nil()).Block(jen.Return(appendText("null"), jen.Nil()))
		for _, c := range body {
			g.Add(c)
		}
	})
	p.part(JSON).Line()
	p.part(JSON).Comment("MarshalJSON implements json.Marshaler.")
	p.part(JSON).Func().Params(jen.Id("z").Id(name)).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Return(jen.Id("z").Dot("AppendJSON").Call(jen.Nil())))
	p.part(JSON).Line()
}

// scanMethod prints ScanJSON and UnmarshalJSON. Types of any schema hold documents to it: null has to be allowed.
func (p *printer) scanMethod(name string, body ...jen.Code) {
	p.part(JSON).Comment("ScanJSON reads z from s. For generated code.")
	p.part(JSON).Func().Params(jen.Id("z").Op("*").Id(name)).Id("ScanJSON").Params(scanner()).Block(body...)
	p.part(JSON).Line()
	p.part(JSON).Comment("UnmarshalJSON implements json.Unmarshaler.")
	p.part(JSON).Func().Params(jen.Id("z").Op("*").Id(name)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().BlockFunc(func(g *jen.Group) {
		g.Id("s").Op(":=").Qual(codecPath, "NewScanner").Call(jen.Id("data"))
		if p.strict() {
			g.Id("s").Dot("RefuseNull").Call()
		}
		g.Id("z").Dot("ScanJSON").Call(jen.Op("&").Id("s"))
		g.Return(jen.Id("s").Dot("End").Call())
	})
	p.part(JSON).Line()
}

// strict reports whether a decoder minds what a member lacks. The client and the wire do not, because
// servers may know an older or newer schema.
func (p *printer) strict() bool { return p.cfg.Target == Types }

func scanner() *jen.Statement { return jen.Id("s").Op("*").Qual(codecPath, "Scanner") }

// codecCall calls a function of codec.
func codecCall(name string, args ...jen.Code) *jen.Statement {
	return jen.Qual(codecPath, name).Call(args...)
}

// appendText appends a text that is known here.
func appendText(text string) *jen.Statement {
	return jen.Append(jen.Id("dst"), jen.Add(literal(text)).Op("..."))
}

// literal writes a string as JSON likes it, between backquotes.
func literal(text string) *jen.Statement {
	if strings.ContainsAny(text, "`\n\r") || !strings.Contains(text, `"`) {
		return jen.Lit(text)
	}
	return jen.Op("`" + text + "`")
}

// quoted is a string as JSON, as encoding/json writes it.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("emit: a string has no JSON: " + err.Error()) // it always has
	}
	return string(text)
}

func convert(to, value *jen.Statement) *jen.Statement { return jen.Parens(to).Call(value) }

// returned returns what a call appends.
func returned(call *jen.Statement, fallible bool) *jen.Statement {
	if fallible {
		return jen.Return(call)
	}
	return jen.Return(call, jen.Nil())
}
