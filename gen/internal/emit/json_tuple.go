package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// tupleAppend is the body of AppendJSON of a struct that is an array.
func (p *printer) tupleAppend(s *model.Struct) []jen.Code {
	dst := jen.Id("dst")
	body := []jen.Code{
		jen.Id("n").Op(":=").Id("z").Dot("items").Call(),
		dst.Clone().Op("=").Append(dst, jen.LitRune('[')),
	}
	for i, f := range s.Fields {
		var block []jen.Code
		if i > 0 {
			block = append(block, dst.Clone().Op("=").Append(dst, jen.LitRune(',')))
		}
		if f.Presence == model.Fixed {
			block = append(block, dst.Clone().Op("=").Add(appendText(constant(f.Type))))
		} else {
			value, fallible := p.tupleItem(f)
			block = append(block, assigned(value, fallible))
		}
		body = append(body, jen.If(jen.Id("n").Op(">").Lit(i)).Block(block...))
	}
	if s.Extra != nil {
		value, fallible := p.appendExpr(s.Extra, jen.Id("z").Dot("Extra").Index(jen.Id("i")))
		body = append(body, jen.For(jen.Id("i").Op(":=").Range().Id("z").Dot("Extra")).Block(
			jen.If(jen.Id("n").Op("+").Id("i").Op(">").Lit(0)).Block(dst.Clone().Op("=").Append(dst, jen.LitRune(','))),
			assigned(value, fallible),
		))
	}
	return append(body, jen.Return(jen.Append(dst, jen.LitRune(']')), jen.Nil()))
}

// tupleItem appends an item that stands: one that is absent before one that is present is null.
func (p *printer) tupleItem(f *model.Field) (*jen.Statement, bool) {
	if f.Presence == model.Pointer {
		return codecCall("AppendPointer", jen.Id("dst"), jen.Id("z").Dot(f.Name), p.appendFunc(f.Type)), true
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
	_, fallible := p.appendExpr(s.Extra, jen.Id("z"))
	return fallible
}

// tupleScan is the body of ScanJSON of a struct that is an array.
func (p *printer) tupleScan(s *model.Struct) []jen.Code {
	body := []jen.Code{jen.If(jen.Op("!").Id("s").Dot("Array").Call()).Block(jen.Return())}
	for _, f := range s.Fields {
		end := []jen.Code{jen.Return()}
		if f.Required && p.strict() {
			end = []jen.Code{jen.Id("s").Dot("MissingItem").Call(), jen.Return()}
		}
		body = append(body, jen.If(jen.Op("!").Id("s").Dot("Element").Call()).Block(end...), p.fieldScan(f))
	}
	if s.Extra == nil {
		return append(body, jen.Id("s").Dot("NoMoreItems").Call())
	}
	return append(body,
		jen.Id("z").Dot("Extra").Op("=").Nil(),
		jen.For(jen.Id("s").Dot("Element").Call()).Block(
			jen.Var().Id("v").Add(p.goType(s.Extra)),
			p.scanExpr(s.Extra, place{jen.Op("&").Id("v"), jen.Id("v")}),
			jen.Id("z").Dot("Extra").Op("=").Append(jen.Id("z").Dot("Extra"), jen.Id("v")),
		))
}
