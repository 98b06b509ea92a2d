package docs

import (
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

var idempotency = map[model.Idempotency]string{
	model.Safe:       "It changes nothing and may be repeated.",
	model.Idempotent: "Done twice is done once: it may be repeated.",
	model.Unsafe:     "It must not be repeated blindly.",
}

var repeat = map[model.Idempotency]string{
	model.Safe: "safe", model.Idempotent: "idempotent", model.Unsafe: "unsafe",
}

// methods prints a table of all methods, and what each does.
func (p *printer) methods() {
	var rows [][]string
	var missing []string
	for _, m := range p.model.Protocol.Methods {
		if m.Unimplemented {
			missing = append(missing, code(m.Wire))
			continue
		}
		rows = append(rows, []string{
			link(code(m.Wire), anchor("method", m.Wire)), p.request(m), p.response(m), scopeLink(m.Scope), repeat[m.Idempotency], goMethod(m),
		})
	}
	p.table([]string{"Method", "Request", "Response", "Scope", "Repetition", "Go"}, rows)
	if len(missing) > 0 {
		p.line("")
		p.line("Servers know these names and answer them with %s: %s.", link(code("405"), anchor("error", "405")), strings.Join(missing, ", "))
	}
	for _, m := range p.model.Protocol.Methods {
		if !m.Unimplemented {
			p.method(m)
		}
	}
}

func (p *printer) method(m *model.Method) {
	p.heading(3, code(m.Wire), anchor("method", m.Wire))
	p.paragraph(m.Description)
	facts := idempotency[m.Idempotency]
	if m.Blocking {
		facts += " The server answers nothing else on the connection until it has answered this."
	}
	if m.Session {
		facts += " The client's runtime performs it."
	}
	p.line("")
	p.line("%s", facts)
	p.line("")
	p.line("- Request: %s", none(p.request(m)))
	p.line("- Response: %s", none(p.response(m)))
	p.line("- Scope: %s", none(scopeLink(m.Scope)))
	if m.Name != "" {
		p.line("- Go: %s", goMethod(m)+withOptions(m))
	}
	for _, pair := range []struct {
		of string
		t  *model.Type
	}{{"request", requestType(m)}, {"response", m.Response}} {
		if s := pair.t.Struct(); s != nil && len(s.Examples) > 0 {
			p.line("")
			p.line("The data of a %s:", pair.of)
			p.example(s.Examples[0])
		}
	}
}

func none(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func requestType(m *model.Method) *model.Type {
	if m.Request == nil {
		return nil
	}
	return &model.Type{Kind: model.Named, Decl: m.Request}
}

func (p *printer) request(m *model.Method) string { return p.typeName(requestType(m)) }

func (p *printer) response(m *model.Method) string { return p.typeName(m.Response) }

func goMethod(m *model.Method) string {
	if m.Name == "" {
		return ""
	}
	params := []string{"ctx"}
	for _, a := range m.Args {
		params = append(params, a.Param)
	}
	return code(m.Name + "(" + strings.Join(params, ", ") + ")")
}

func withOptions(m *model.Method) string {
	var names []string
	for _, o := range m.Options {
		names = append(names, code(o.Name))
	}
	if len(names) == 0 {
		return ""
	}
	return ", with " + strings.Join(names, ", ")
}

func scopeLink(s *model.Scope) string {
	if s == nil {
		return ""
	}
	return link(code(s.Name), scopeAnchor(s))
}

// scopeAnchor is of the Go name, because * has no letters.
func scopeAnchor(s *model.Scope) string {
	if a := anchor(s.Name); a != "x" {
		return anchor("scope", s.Name)
	}
	return anchor("scope", s.Const)
}

func (p *printer) events() {
	p.line("")
	p.line("An event is sent to the subscribers of its channels. Types that a client does not know may arrive at any time.")
	var rows [][]string
	for _, e := range p.model.Protocol.Events {
		payload := ""
		if e.Payload != nil {
			payload = p.typeName(&model.Type{Kind: model.Named, Decl: e.Payload})
		}
		rows = append(rows, []string{anchored(anchor("event", e.Type)) + code(e.Type), payload, text(sentence(e.Description)), code(e.Const)})
	}
	p.table([]string{"Event", "Payload", "Meaning", "Go"}, rows)
}

// anchored makes a row of a table a place to link to.
func anchored(id string) string { return `<a id="` + id + `"></a>` }

func (p *printer) channels() {
	var rows [][]string
	for _, c := range p.model.Protocol.Channels {
		name := c.Name
		if c.Param != "" {
			name += "<" + c.Value.Member("param").Text + ">"
		}
		rows = append(rows, []string{anchored(anchor("channel", name)) + code(name), text(sentence(c.Description))})
	}
	p.table([]string{"Channel", "Meaning"}, rows)
}

func (p *printer) errors() {
	var rows [][]string
	for _, e := range p.model.Protocol.Errors {
		rows = append(rows, []string{anchored(anchor("error", e.Number)) + code(e.Number), text(sentence(e.Description)), code("Code" + e.Name), code("Err" + e.Name)})
	}
	p.table([]string{"Code", "Meaning", "Constant", "Error"}, rows)
	p.line("")
	p.line("Codes that a client does not know may come at any time.")
}

func (p *printer) scopes() {
	var rows [][]string
	for _, s := range p.model.Protocol.Scopes {
		var methods []string
		for _, m := range p.model.Protocol.Methods {
			if m.Scope == s {
				methods = append(methods, link(code(m.Wire), anchor("method", m.Wire)))
			}
		}
		rows = append(rows, []string{anchored(scopeAnchor(s)) + code(s.Name), text(sentence(s.Description)), strings.Join(methods, ", ")})
	}
	p.table([]string{"Scope", "Allows", "Methods"}, rows)
}
