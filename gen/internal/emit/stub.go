package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// stub prints the method of Client for a method of the protocol: a line over call.
func (p *printer) stub(m *model.Method) {
	p.file.Add(stubComment(m))
	params := append([]jen.Code{jen.Id("ctx").Qual("context", "Context")}, p.params(m)...)
	discards := discards(m)
	var first []jen.Code // statements
	encode, request := jen.Nil(), jen.Id("noRequest").Values()
	switch {
	case len(m.Options) > 0:
		params = append(params, jen.Id("opts").Op("...").Id(m.Name+"Option"))
		args := make([]jen.Code, 0, len(m.Args)+1)
		for _, f := range m.Args {
			args = append(args, jen.Id(f.Param))
		}
		refused := []jen.Code{jen.Id("foreignOption").Call(jen.Op("&").Id("method" + m.Const))}
		if !discards {
			refused = append([]jen.Code{jen.Nil()}, refused...)
		}
		first = []jen.Code{
			jen.List(jen.Id("r"), jen.Id("ok")).Op(":=").Id("new" + m.Request.Name).Call(append(args, jen.Id("opts"))...),
			jen.If(jen.Op("!").Id("ok")).Block(jen.Return(refused...)),
		}
	case m.Request != nil:
		first = []jen.Code{jen.Id("r").Op(":=").Add(p.request(m))}
	}
	if m.Request != nil {
		encode, request = jen.Id("r").Dot("AppendJSON"), jen.Id("r")
	}
	call := p.call(m, encode, request)
	f := p.file.Func().Params(jen.Id("c").Op("*").Id("Client")).Id(m.Name).Params(params...)
	if discards {
		f.Error().Block(append(first, jen.Return(jen.Id("discard").Call(call)))...)
		return
	}
	f.Params(p.resultType(m), jen.Error()).Block(append(first, jen.Return(call))...)
}

// discards reports whether a method returns nothing but an error.
func discards(m *model.Method) bool { return m.NoResult || m.Response == nil }

// call is the call of a method: encode appends the request. The request itself is for interceptors.
func (p *printer) call(m *model.Method, encode, request jen.Code) *jen.Statement {
	args := []jen.Code{jen.Id("ctx"), jen.Id("c"), jen.Op("&").Id("method" + m.Const), encode, request}
	switch {
	case m.Response == nil:
		return jen.Id("callFor").Call(append(args, jen.Qual(codecPath, "ScanRaw"))...)
	case m.Response.Struct() != nil:
		return jen.Id("call").Types(p.jenType(m.Response)).Call(args...)
	}
	return jen.Id("callFor").Call(append(args, qualify(p.scanFunc(m.Response)))...)
}

// resultType is what a method returns: structs by pointer.
func (p *printer) resultType(m *model.Method) *jen.Statement {
	switch {
	case m.Response == nil:
		return jen.Qual("encoding/json", "RawMessage")
	case m.Response.Struct() != nil:
		return jen.Op("*").Add(p.jenType(m.Response))
	}
	return p.jenType(m.Response)
}

// stubComment documents a stub: what it does, then what the schema says of errors and repetition,
// what becomes of a value of any type, and for what the call waits.
func stubComment(m *model.Method) jen.Code {
	calls := "It calls " + m.Wire
	if m.Scope != nil {
		calls += ", which needs the scope " + m.Scope.Name
	}
	calls += ". An error of the server is an *Error."
	switch m.Idempotency {
	case model.Safe:
		calls += " The call changes nothing, so one whose connection is lost is sent again."
	case model.Idempotent:
		calls += " A repetition has no further effect, so a call whose connection is lost is sent again."
	case model.Unsafe:
		calls += " A call that was sent and gets no reply is not sent again. It ends with an *OutcomeUnknownError."
	}
	waits := "It blocks until the reply arrives or ctx ends."
	if m.Blocking {
		waits = "It blocks until the reply arrives or ctx ends, which may take long. Other calls go on meanwhile. " +
			"At most WithLanes such calls run at once, 4 by default. A further one waits until one of them has ended."
	}
	paragraphs := []string{m.Name + " " + sentence(continued(m.Description)), calls}
	for _, f := range m.Args {
		if f.Type.Kind == model.Any {
			paragraphs = append(paragraphs, f.Param+" is encoded by encoding/json. A []byte becomes a string of base64: "+
				"pass text that is already JSON as a json.RawMessage.")
		}
	}
	return comment(append(paragraphs, waits)...)
}
