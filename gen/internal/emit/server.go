package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// server prints the interface of who serves the protocol, and the dispatch to
// it: a method that is added to the schema does not compile until it is served.
func (p *printer) server() {
	var served []*model.Method
	for _, m := range p.model.Protocol.Methods {
		if m.Name != "" {
			served = append(served, m)
		}
	}
	p.file.Comment("service is what a DWP server serves: one method for each of the protocol's")
	p.file.Comment("that is not the session's own.")
	p.file.Type().Id("service").InterfaceFunc(func(g *jen.Group) {
		for _, m := range served {
			params := []jen.Code{jen.Qual("context", "Context")}
			if m.Request != nil {
				params = append(params, jen.Op("*").Add(qualify(p.declName(m.Request))))
			}
			g.Add(comment(m.Name + " serves " + m.Wire + ". " + sentence(m.Description)))
			g.Id(m.Name).Params(params...).Params(p.resultType(m), jen.Error())
		}
	})
	p.file.Comment("dispatch decodes a request's data, has the service serve it and returns its result.")
	p.file.Comment("An unknown method is errUnknownMethod.")
	p.file.Func().Id("dispatch").Params(
		jen.Id("ctx").Qual("context", "Context"), jen.Id("s").Id("service"), jen.Id("method").String(),
		jen.Id("data").Qual("encoding/json", "RawMessage"),
	).Params(jen.Any(), jen.Error()).Block(
		jen.Switch(jen.Id("method")).BlockFunc(func(g *jen.Group) {
			for _, m := range served {
				serve := "serve"
				if m.Request == nil {
					serve = "serveNoData"
				}
				g.Case(jen.Qual(clientPath, "Method"+m.Const)).Block(
					jen.Return(jen.Id(serve).Call(jen.Id("ctx"), jen.Id("data"), jen.Id("s").Dot(m.Name))))
			}
		}),
		jen.Return(jen.Nil(), jen.Id("errUnknownMethod")),
	)
	p.file.Comment(`scopeOf returns the scope that a method wants of a token, "" for none, and whether the`)
	p.file.Comment("schema has the method.")
	p.file.Func().Id("scopeOf").Params(jen.Id("method").String()).Params(jen.Id("scope").String(), jen.Id("known").Bool()).Block(
		jen.Switch(jen.Id("method")).BlockFunc(func(g *jen.Group) {
			for _, m := range p.implemented() {
				scope := jen.Lit("")
				if m.Scope != nil {
					scope = jen.Qual(clientPath, "Scope"+m.Scope.Const)
				}
				g.Case(jen.Qual(clientPath, "Method"+m.Const)).Block(jen.Return(scope, jen.True()))
			}
		}),
		jen.Return(jen.Lit(""), jen.False()),
	)
}
