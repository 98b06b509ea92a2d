package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// client prints what a client has beyond the types: names, errors, events, options and stubs.
func (p *printer) client() {
	p.methodNames()
	p.errors()
	p.scopes()
	p.channels()
	p.payloads()
	p.options()
	for _, m := range p.model.Protocol.Methods {
		if m.Name != "" {
			p.stub(m)
		}
	}
}

// implemented are the methods that servers know more of than the name.
func (p *printer) implemented() []*model.Method {
	var out []*model.Method
	for _, m := range p.model.Protocol.Methods {
		if !m.Unimplemented {
			out = append(out, m)
		}
	}
	return out
}

func (p *printer) methodNames() {
	methods := p.implemented()
	p.file.Comment("The methods' names on the wire.")
	p.file.Const().DefsFunc(func(g *jen.Group) {
		for _, m := range methods {
			g.Add(comment("Method" + m.Const + ": " + sentence(m.Description)))
			g.Id("Method" + m.Const).Op("=").Lit(m.Wire)
		}
	})
	p.file.Var().DefsFunc(func(g *jen.Group) {
		for _, m := range methods {
			g.Id("method" + m.Const).Op("=").Add(methodValue(m))
		}
	})
	p.file.Comment("methodNamed returns the annotations of a method of the schema, nil for another.")
	p.file.Func().Id("methodNamed").Params(jen.Id("name").String()).Op("*").Id("method").Block(
		jen.Switch(jen.Id("name")).BlockFunc(func(g *jen.Group) {
			for _, m := range methods {
				g.Case(jen.Id("Method" + m.Const)).Block(jen.Return(jen.Op("&").Id("method" + m.Const)))
			}
		}),
		jen.Return(jen.Nil()),
	)
}

func methodValue(m *model.Method) *jen.Statement {
	idempotency := map[model.Idempotency]string{model.Unsafe: "notIdempotent", model.Idempotent: "idempotent", model.Safe: "safe"}
	members := []jen.Code{
		jen.Id("name").Op(":").Id("Method" + m.Const),
		jen.Id("idempotency").Op(":").Id(idempotency[m.Idempotency]),
	}
	if m.Blocking {
		members = append(members, jen.Id("blocking").Op(":").True())
	}
	if m.Session {
		members = append(members, jen.Id("session").Op(":").True())
	}
	if discards(m) {
		members = append(members, jen.Id("discards").Op(":").True())
	}
	return jen.Id("method").Values(members...)
}

func (p *printer) errors() {
	codes := p.model.Protocol.Errors
	if len(codes) == 0 {
		return
	}
	p.file.Comment("The error codes of the protocol.")
	p.file.Const().DefsFunc(func(g *jen.Group) {
		for _, c := range codes {
			g.Add(comment("Code" + c.Name + ": " + sentence(continued(c.Description))))
			g.Id("Code" + c.Name).Id("Code").Op("=").Id(c.Number)
		}
	})
	p.file.Comment("The sentinels of the error codes, for errors.Is.")
	p.file.Var().DefsFunc(func(g *jen.Group) {
		for _, c := range codes {
			g.Add(comment("Err" + c.Name + " matches an *Error with the code " + c.Number + ": " + sentence(continued(c.Description))))
			g.Id("Err" + c.Name).Error().Op("=").Id("codeError").Call(jen.Id("Code" + c.Name))
		}
	})
}

func (p *printer) scopes() {
	scopes := p.model.Protocol.Scopes
	if len(scopes) == 0 {
		return
	}
	p.file.Comment("The scopes that a token may have.")
	p.file.Const().DefsFunc(func(g *jen.Group) {
		for _, s := range scopes {
			g.Add(comment("Scope" + s.Const + ": " + sentence(continued(s.Description))))
			g.Id("Scope" + s.Const).Op("=").Lit(s.Name)
		}
	})
}

func (p *printer) channels() {
	var whole []*model.Channel
	for _, c := range p.model.Protocol.Channels {
		if c.Param == "" {
			whole = append(whole, c)
		}
	}
	if len(whole) > 0 {
		p.file.Comment("The channels that anybody can subscribe to.")
		p.file.Const().DefsFunc(func(g *jen.Group) {
			for _, c := range whole {
				g.Add(comment("Channel" + c.Const + ": " + sentence(continued(c.Description))))
				g.Id("Channel" + c.Const).Op("=").Lit(c.Name)
			}
		})
	}
	for _, c := range p.model.Protocol.Channels {
		if c.Param == "" {
			continue
		}
		p.file.Add(comment(c.Const + "Channel names the channel of " + sentence(continued(c.Description))))
		p.file.Func().Id(c.Const + "Channel").Params(jen.Id(c.Param).String()).String().Block(
			jen.Return(jen.Lit(c.Name).Op("+").Id(c.Param)))
	}
}

// payloads prints the function from event types to payloads.
func (p *printer) payloads() {
	events := p.model.Protocol.Events
	if len(events) == 0 {
		return
	}
	var order []*model.Struct
	consts := map[*model.Struct][]jen.Code{}
	for _, e := range events {
		if consts[e.Payload] == nil {
			order = append(order, e.Payload)
		}
		consts[e.Payload] = append(consts[e.Payload], jen.Id(e.Const))
	}
	p.file.Comment("newPayload returns a pointer to the zero payload of an event type, nil for an unknown type.")
	p.file.Func().Id("newPayload").Params(jen.Id("t").Id(events[0].Enum.Name)).Any().Block(
		jen.Switch(jen.Id("t")).BlockFunc(func(g *jen.Group) {
			for _, s := range order {
				g.Case(consts[s]...).Block(jen.Return(jen.New(jen.Id(s.Name))))
			}
			g.Default().Block(jen.Return(jen.Nil()))
		}),
	)
}
