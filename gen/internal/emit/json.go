package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// jsonCodec prints what JSON wants of a declaration beyond its struct tags.
func (p *printer) jsonCodec(d model.Decl) {
	if s, ok := d.(*model.Struct); ok && s.Request {
		p.requestJSON(s)
	}
}

// requestJSON prints the decoder of a request with free-form members: in it
// they are json.RawMessage, so that who serves it decodes them as he likes.
func (p *printer) requestJSON(s *model.Struct) {
	var free []*model.Field
	for _, f := range s.Fields {
		if f.Type.Kind == model.Any {
			free = append(free, f)
		}
	}
	if len(free) == 0 {
		return
	}
	p.file.Comment("UnmarshalJSON implements json.Unmarshaler. Free-form members are json.RawMessage after it.")
	p.file.Func().Params(jen.Id("z").Op("*").Id(s.Name)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().BlockFunc(func(g *jen.Group) {
		g.Type().Id("plain").Id(s.Name)
		g.Id("v").Op(":=").StructFunc(func(g *jen.Group) {
			g.Op("*").Id("plain")
			for _, f := range free {
				g.Id(f.Name).Qual("encoding/json", "RawMessage").Tag(map[string]string{"json": f.JSON})
			}
		}).Values(jen.Dict{jen.Id("plain"): jen.Parens(jen.Op("*").Id("plain")).Call(jen.Id("z"))})
		g.If(jen.Err().Op(":=").Qual("encoding/json", "Unmarshal").Call(jen.Id("data"), jen.Op("&").Id("v")), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
		for _, f := range free {
			g.If(jen.Id("v").Dot(f.Name).Op("!=").Nil()).Block(jen.Id("z").Dot(f.Name).Op("=").Id("v").Dot(f.Name))
		}
		g.Return(jen.Nil())
	})
	p.file.Line()
}
