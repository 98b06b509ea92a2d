package model

import (
	"go/token"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// protocol resolves the methods, events, codes, scopes and channels.
func (b *builder) protocol(voc *parse.Vocabulary) {
	p := &b.model.Protocol
	for _, e := range voc.Errors {
		code := &Code{Number: e.Name, Description: e.Description, Value: e.Value}
		if e.Go != nil {
			code.Name = e.Go.Text
		}
		p.Errors = append(p.Errors, code)
	}
	scopes := map[string]*Scope{}
	for _, e := range voc.Scopes {
		scope := &Scope{Name: e.Name, Const: b.vocabularyName(e), Description: e.Description, Value: e.Value}
		scopes[e.Name] = scope
		p.Scopes = append(p.Scopes, scope)
	}
	for _, c := range voc.Channels {
		ch := &Channel{Name: c.Name, Const: b.vocabularyName(c.Entry), Description: c.Description, Value: c.Value}
		if c.Param != nil {
			if ch.Param = Unexported(c.Param.Text); ch.Param == "" {
				b.problems.Add(c.Param, "name what follows the prefix", "no Go name can be made of %s", c.Param.JSON())
			}
		}
		p.Channels = append(p.Channels, ch)
	}
	b.events()
	for i := range voc.Methods {
		p.Methods = append(p.Methods, b.method(&voc.Methods[i], scopes))
	}
}

func (b *builder) vocabularyName(e parse.Entry) string {
	if e.Go != nil {
		return e.Go.Text
	}
	name := Exported(e.Name)
	if name == "" {
		b.problems.Add(e.Value, `add "go"`, "no Go name can be made of %s", source.Quote(e.Name))
	}
	return name
}

func (b *builder) method(m *parse.Method, scopes map[string]*Scope) *Method {
	out := &Method{
		Wire: m.Name, Const: Exported(m.Name), Description: m.Description, NoResult: m.NoResult,
		Blocking: m.Blocking, Session: m.Session, Unimplemented: m.Status != nil, Value: m.Value,
	}
	if out.Const == "" {
		b.problems.Add(m.Value, "use letters", "no Go name can be made of %s", source.Quote(m.Name))
	}
	if out.Unimplemented {
		return out
	}
	out.Name = b.methodName(m)
	if m.Idempotency != nil {
		out.Idempotency = map[string]Idempotency{"safe": Safe, "idempotent": Idempotent, "unsafe": Unsafe}[m.Idempotency.Text]
	}
	if m.Scope != nil {
		if out.Scope = scopes[m.Scope.Text]; out.Scope == nil {
			b.problems.Add(m.Scope, "add it to x-dwp-scopes", "the scope %s is not declared", m.Scope.JSON())
		}
	}
	if m.Request != nil {
		t := b.resolve(m.Request, out.Const+"Request", Client)
		if out.Request = t.Struct(); out.Request == nil || out.Request.Tuple {
			b.problems.Add(m.Request.Value, "refer to an object with properties", "the request of %s is not an object with known members", m.Name)
		}
	}
	if m.Response != nil {
		out.Response = b.resolve(m.Response, out.Const+"Result", Client)
	}
	b.args(out, m)
	return out
}

// methodName is the Go name of a method's stub; the session's own methods have none.
func (b *builder) methodName(m *parse.Method) string {
	switch {
	case m.Session && m.Go != nil:
		b.problems.Add(m.Go, "remove it", "the method %s is the session's own and has no stub", m.Name)
	case m.Session:
	case m.Go != nil:
		return m.Go.Text
	default:
		return Exported(m.Name)
	}
	return ""
}

// args gives the positional members their order; the others become options.
func (b *builder) args(out *Method, m *parse.Method) {
	positional := map[string]bool{}
	for _, arg := range m.Args {
		positional[arg.Text] = true
		var field *Field
		if out.Request != nil {
			field = out.Request.field(arg.Text)
		}
		if field == nil {
			b.problems.Add(arg, "name a member of the request", "the request of %s has no member %s", m.Name, arg.JSON())
			continue
		}
		if !token.IsIdentifier(field.Param) {
			continue
		}
		out.Args = append(out.Args, field)
	}
	if out.Session || out.Request == nil {
		return
	}
	for _, f := range out.Request.Fields {
		if positional[f.JSON] || f.Type.Checks.Const != nil && f.Required {
			continue
		}
		if f.Required {
			b.problems.Add(f.Value, "add it to args of the method, or make it optional", "the member %s of %s is required and not an argument", source.Quote(f.JSON), m.Name)
			continue
		}
		b.option(out, f)
	}
}

// option adds the constructor for an optional member: one serves every method that has the member.
func (b *builder) option(m *Method, f *Field) {
	name := "With" + f.Name
	for _, o := range b.model.Protocol.Options {
		if o.Field.JSON != f.JSON {
			continue
		}
		if !o.Field.Type.Same(f.Type) {
			b.problems.Add(f.Value, `give one of them another "x-dwp-go-name"`, "the option %s of %s has another type than that of %s at %s",
				name, m.Wire, o.Methods[0].Wire, o.Field.Value.Pointer())
			return
		}
		if o.Name == name {
			o.Methods = append(o.Methods, m)
			m.Options = append(m.Options, o)
			return
		}
	}
	o := &Option{Name: name, Field: f, Methods: []*Method{m}}
	b.model.Protocol.Options = append(b.model.Protocol.Options, o)
	m.Options = append(m.Options, o)
}

func (s *Struct) field(name string) *Field {
	for _, f := range s.Fields {
		if f.JSON == name {
			return f
		}
	}
	return nil
}

// events resolves the payloads of the event types.
func (b *builder) events() {
	for _, s := range b.order {
		enum, ok := b.decls[s].(*Enum)
		if !ok {
			if len(s.Ext.Events) > 0 {
				b.problems.Add(s.Keyword("x-dwp-events"), "move it beside an enum of strings", "x-dwp-events is not beside an enum")
			}
			continue
		}
		described := map[string]parse.Event{}
		for _, e := range s.Ext.Events {
			described[e.Type] = e
		}
		for _, v := range enum.Values {
			e, ok := described[v.Value.Text]
			if !ok {
				if len(described) > 0 {
					b.problems.Add(v.Value, "add it to x-dwp-events with its payload", "the event %s has no payload", v.Value.JSON())
				}
				continue
			}
			event := &Event{Type: e.Type, Const: v.Name, Enum: enum, Description: e.Description, Value: e.Value}
			if e.Payload != nil {
				t := b.resolve(e.Payload, v.Name+"Payload", Client)
				if event.Payload = t.Struct(); event.Payload == nil {
					b.problems.Add(e.Payload.Value, "refer to an object with properties", "the payload of %s is not an object with known members", e.Type)
				}
			}
			b.model.Protocol.Events = append(b.model.Protocol.Events, event)
		}
	}
}

// markRequests finds the structs that are sent and never received.
func (b *builder) markRequests() {
	received := map[Decl]bool{}
	sent := map[Decl]bool{}
	for _, m := range b.model.Protocol.Methods {
		if m.Request != nil && !m.Session {
			reach(&Type{Kind: Named, Decl: m.Request}, sent)
		}
		reach(m.Response, received)
	}
	for _, e := range b.model.Protocol.Events {
		if e.Payload != nil {
			reach(&Type{Kind: Named, Decl: e.Payload}, received)
		}
	}
	for _, d := range b.model.Decls {
		if s, ok := d.(*Struct); ok && sent[d] && !received[d] {
			s.Request = true
			for _, f := range s.Fields {
				if f.Type.Kind == JSON {
					f.Type = &Type{Kind: Any, Checks: f.Type.Checks}
				}
			}
		}
	}
}

// reach marks every declaration that a type leads to.
func reach(t *Type, seen map[Decl]bool) {
	for ; t != nil; t = t.Elem {
		if t.Kind != Named || seen[t.Decl] {
			continue
		}
		seen[t.Decl] = true
		for _, u := range Uses(t.Decl) {
			reach(u, seen)
		}
	}
}

// Uses lists the types that a declaration is made of.
func Uses(d Decl) []*Type {
	var out []*Type
	switch d := d.(type) {
	case *Struct:
		for _, f := range d.Fields {
			out = append(out, f.Type)
		}
		if d.Extra != nil {
			out = append(out, d.Extra)
		}
	case *Union:
		for _, v := range d.Variants {
			out = append(out, v.Type)
		}
	case *Defined:
		out = append(out, d.Type)
	}
	return out
}
