package emit

import (
	"slices"
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
			p.file.Type().Id(name).Interface(jen.Id(optionMark(m)).Params())
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
	impl := optionImpl(o)
	t := p.jenType(o.Field.Type)
	if o.Field.Type.Kind == model.Any {
		p.file.Type().Id(impl).Struct(jen.Id("value").Any())
	} else {
		p.file.Type().Id(impl).Add(t)
	}
	p.file.Line()
	for _, m := range o.Methods {
		p.file.Func().Params(jen.Id(impl)).Id(optionMark(m)).Params().Block()
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

// optionMark is the method of the options of a method.
func optionMark(m *model.Method) string { return "is" + m.Name + "Option" }

// optionImpl is the type behind an option.
func optionImpl(o *model.Option) string { return "w" + o.Name[1:] }

func (p *printer) optionDoc(o *model.Option) string {
	if o.Field.Description == "" {
		return "sets the member " + o.Field.JSON + "."
	}
	return sentence(o.Field.Description)
}

// optionValue is what an option, o, sets its field to.
func (p *printer) optionValue(f *model.Field) *jen.Statement {
	value := p.jenType(f.Type).Call(jen.Id("o"))
	switch f.Type.Kind {
	case model.Any:
		value = jen.Id("orNull").Call(jen.Id("o").Dot("value"))
	case model.Nullable:
		value = jen.Parens(p.jenType(f.Type)).Call(jen.Id("o"))
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
// condition that does not hold, sets nothing. ok is false if an option is of a type of somebody
// else's that embeds one: options are told apart by their types instead of having a method called,
// because then neither they nor the request have to be allocated.
func (p *printer) newRequest(m *model.Method) {
	params := p.params(m)
	params = append(params, jen.Id("opts").Index().Id(m.Name+"Option"))
	p.file.Func().Id("new"+m.Request.Name).Params(params...).Params(jen.Id("r").Add(p.requestType(m)), jen.Id("ok").Bool()).Block(
		jen.Id("r").Op("=").Add(p.request(m)),
		jen.For(jen.List(jen.Id("_"), jen.Id("o")).Op(":=").Range().Id("opts")).Block(
			jen.Switch(jen.Id("o").Op(":=").Id("o").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
				g.Case(jen.Nil())
				for _, o := range p.model.Protocol.Options {
					if field := optionField(o, m); field != nil {
						g.Case(jen.Id(optionImpl(o))).Block(jen.Id("r").Dot(field.Name).Op("=").Add(p.optionValue(field)))
					}
				}
				g.Default().Block(jen.Return(jen.Id("r"), jen.False()))
			})),
		jen.Return(jen.Id("r"), jen.True()),
	)
}

// optionField is the member of a method's request that an option sets, nil if it is none of the
// method's options.
func optionField(o *model.Option, m *model.Method) *model.Field {
	if !slices.Contains(o.Methods, m) {
		return nil
	}
	i := slices.IndexFunc(m.Request.Fields, func(f *model.Field) bool { return f.JSON == o.Field.JSON })
	return m.Request.Fields[i]
}

// requestType is the type of a method's request.
func (p *printer) requestType(m *model.Method) *jen.Statement {
	return qualify(p.declName(m.Request))
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
	return p.requestType(m).Values(members...)
}
