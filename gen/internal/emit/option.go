package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// options prints the option types of the methods, the constructors, and the
// functions that make requests of arguments and options.
func (p *printer) options() {
	for _, m := range p.model.Protocol.Methods {
		if len(m.Options) > 0 {
			name := m.Name + "Option"
			p.file.Add(comment(name + " sets an optional member of a " + m.Wire + " request."))
			p.file.Type().Id(name).Interface(jen.Id("apply" + m.Name).Params(p.requestType(m)))
			p.file.Line()
		}
	}
	for _, o := range p.model.Protocol.Options {
		p.option(o)
	}
	for _, m := range p.model.Protocol.Methods {
		if len(m.Options) > 0 {
			p.newRequest(m)
		}
	}
}

func (p *printer) option(o *model.Option) {
	if len(o.Methods) > 1 {
		p.sharedOption(o)
	}
	impl := "w" + o.Name[1:]
	t := p.jenType(o.Field.Type)
	if o.Field.Type.Kind == model.Any {
		p.file.Type().Id(impl).Struct(jen.Id("value").Any())
	} else {
		p.file.Type().Id(impl).Add(t)
	}
	p.file.Line()
	for _, m := range o.Methods {
		var field *model.Field
		for _, f := range m.Request.Fields {
			if f.JSON == o.Field.JSON {
				field = f
			}
		}
		p.file.Func().Params(jen.Id("v").Id(impl)).Id("apply" + m.Name).Params(jen.Id("r").Add(p.requestType(m))).Block(
			jen.Id("r").Dot(field.Name).Op("=").Add(p.optionValue(field)))
	}
	param := o.Field.Param
	p.file.Add(comment(o.Name+" "+continued(p.optionDoc(o)), deprecated(o.Field.Deprecated)))
	p.file.Func().Id(o.Name).Params(jen.Id(param).Add(p.jenType(o.Field.Type))).Id(o.Interface()).BlockFunc(func(g *jen.Group) {
		if o.Field.Type.Kind == model.Any {
			g.Return(jen.Id(impl).Values(jen.Id(param)))
			return
		}
		g.Return(jen.Id(impl).Call(jen.Id(param)))
	})
	p.file.Line()
}

func (p *printer) optionDoc(o *model.Option) string {
	if o.Field.Description == "" {
		return "sets the member " + o.Field.JSON + "."
	}
	return sentence(o.Field.Description)
}

// optionValue is what an option, v, sets its field to.
func (p *printer) optionValue(f *model.Field) *jen.Statement {
	value := p.jenType(f.Type).Call(jen.Id("v"))
	switch f.Type.Kind {
	case model.Any:
		value = jen.Id("orNull").Call(jen.Id("v").Dot("value"))
	case model.Nullable:
		value = jen.Parens(p.jenType(f.Type)).Call(jen.Id("v"))
	default: // a conversion, as above
	}
	switch f.Presence {
	case model.Pointer:
		return jen.New(value)
	case model.Carrier:
		return jen.Qual(codecPath, "Some").Call(value)
	default:
		return value
	}
}

// sharedOption prints the type of an option that several methods take.
func (p *printer) sharedOption(o *model.Option) {
	var names []string
	var embedded []jen.Code
	for _, m := range o.Methods {
		names = append(names, m.Wire)
		embedded = append(embedded, jen.Id(m.Name+"Option"))
	}
	p.file.Add(comment(o.Interface() + " is an option of " + strings.Join(names, ", ") + "."))
	p.file.Type().Id(o.Interface()).Interface(embedded...)
	p.file.Line()
}

// newRequest makes a method's request of its parameters and options. An option that is nil, as of a
// condition that does not hold, sets nothing.
func (p *printer) newRequest(m *model.Method) {
	params := p.params(m)
	params = append(params, jen.Id("opts").Index().Id(m.Name+"Option"))
	p.file.Func().Id("new"+m.Request.Name).Params(params...).Add(p.requestType(m)).Block(
		jen.Id("r").Op(":=").Add(p.request(m)),
		jen.For(jen.List(jen.Id("_"), jen.Id("o")).Op(":=").Range().Id("opts")).Block(
			jen.If(jen.Id("o").Op("!=").Nil()).Block(
				jen.Id("o").Dot("apply"+m.Name).Call(jen.Id("r")))),
		jen.Return(jen.Id("r")),
	)
}

// requestType is a pointer to a method's request.
func (p *printer) requestType(m *model.Method) *jen.Statement {
	return jen.Op("*").Add(qualify(p.declName(m.Request)))
}

// params are the positional parameters of a method.
func (p *printer) params(m *model.Method) []jen.Code {
	var out []jen.Code
	for _, f := range m.Args {
		out = append(out, jen.Id(f.Param).Add(p.jenType(f.Type)))
	}
	return out
}

// request is the request of a method, made of its parameters.
func (p *printer) request(m *model.Method) *jen.Statement {
	var members []jen.Code
	for _, f := range m.Args {
		value := jen.Id(f.Param)
		switch {
		case f.Type.Kind == model.Any && !f.Required:
			value = jen.Id("orNull").Call(value)
		case f.Presence == model.Pointer, f.Indirect:
			value = jen.Op("&").Add(value)
		case f.Presence == model.Carrier:
			value = jen.Qual(codecPath, "Some").Call(value)
		}
		members = append(members, jen.Id(f.Name).Op(":").Add(value))
	}
	return jen.Op("&").Add(qualify(p.declName(m.Request))).Values(members...)
}
