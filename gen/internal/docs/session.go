package docs

import (
	"fmt"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// session draws a session: how it opens, a call, a refusal, a subscription
// with its events, and a call that keeps its connection busy.
func (p *printer) session() {
	protocol := &p.model.Protocol
	var own, calls, blocking []*model.Method
	for _, m := range protocol.Methods {
		switch {
		case m.Unimplemented:
		case m.Session:
			own = append(own, m)
		case m.Blocking:
			blocking = append(blocking, m)
		default:
			calls = append(calls, m)
		}
	}
	p.line("")
	p.line("```mermaid")
	p.line("sequenceDiagram")
	p.line("    participant C as Client")
	if len(blocking) > 0 {
		p.line("    participant L as Client, another connection")
	}
	p.line("    participant S as Server")
	if len(own) > 0 {
		p.exchange("C", own[0])
	}
	if len(calls) > 0 {
		p.exchange("C", calls[0])
		p.refusal(calls[len(calls)-1])
	}
	for i, m := range own[min(1, len(own)):] {
		p.exchange("C", m)
		if i == 0 {
			p.occurrences()
		}
	}
	if len(blocking) > 0 {
		if len(own) > 0 {
			p.exchange("L", own[0])
		}
		p.line("    L->>S: request %s", blocking[0].Wire)
		p.line("    Note over L,S: nothing else is answered on this connection")
		p.line("    S-->>L: response %s", p.plain(blocking[0].Response))
	}
	p.line("```")
	for _, m := range []struct {
		methods []*model.Method
		text    string
	}{
		{own, "The client's runtime performs %s by itself."},
		{blocking, "A call of %s keeps its connection busy until it is answered, so it has one of its own."},
	} {
		if len(m.methods) > 0 {
			p.line("")
			p.line("%s", fmt.Sprintf(m.text, methodLinks(m.methods)))
		}
	}
}

func methodLinks(list []*model.Method) string {
	var out strings.Builder
	for i, m := range list {
		switch {
		case i > 0 && i == len(list)-1:
			out.WriteString(" and ")
		case i > 0:
			out.WriteString(", ")
		}
		out.WriteString(link(code(m.Wire), anchor("method", m.Wire)))
	}
	return out.String()
}

func (p *printer) exchange(from string, m *model.Method) {
	p.line("    %s->>S: request %s", from, m.Wire)
	p.line("    S-->>%s: response %s", from, p.plain(m.Response))
}

func (p *printer) refusal(m *model.Method) {
	if len(p.model.Protocol.Errors) == 0 {
		return
	}
	e := p.model.Protocol.Errors[0]
	p.line("    C->>S: request %s, malformed", m.Wire)
	p.line("    S-->>C: error %s %s", e.Number, e.Name)
}

func (p *printer) occurrences() {
	if len(p.model.Protocol.Events) == 0 {
		return
	}
	p.line("    loop until the subscription ends")
	p.line("        S-)C: event %s", p.model.Protocol.Events[0].Type)
	p.line("    end")
}

// plain is the name of a type without markup.
func (p *printer) plain(t *model.Type) string {
	switch {
	case t == nil:
		return ""
	case t.Kind == model.Named:
		return t.Decl.Info().Name
	case t.Kind == model.List:
		return "list of " + p.plain(t.Elem)
	}
	return ""
}
