package parse

import (
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// Vocabulary is what the x-dwp-* keywords at the root say: the protocol
// around the messages.
type Vocabulary struct {
	Methods  []Method
	Errors   []Entry
	Scopes   []Entry
	Channels []Channel
}

// Entry is an error code or a scope: a name with what Go calls it.
type Entry struct {
	Value       *source.Value
	Name        string
	Go          *source.Value // nil: by rule
	Description string
}

// Channel is an entry of x-dwp-channels. With a Param it is a prefix that an
// entity's name follows.
type Channel struct {
	Entry
	Param *source.Value
}

// Method is an entry of x-dwp-methods.
type Method struct {
	Entry
	Request, Response *Schema
	NoResult          bool // result: "none"
	Args              []*source.Value
	Scope             *source.Value
	Idempotency       *source.Value // "safe", "idempotent" or "unsafe"
	Blocking          bool
	Session           bool
	Status            *source.Value // 405: name and status only
}

func (d *document) vocabulary() Vocabulary {
	var voc Vocabulary
	root := d.file.Root
	for _, m := range d.entries(root.Member("x-dwp-methods")) {
		voc.Methods = append(voc.Methods, d.method(m))
	}
	for _, m := range d.entries(root.Member("x-dwp-errors")) {
		if code, err := strconv.ParseUint(m.Name, 10, 31); err != nil || strconv.FormatUint(code, 10) != m.Name {
			d.problems.Add(m.Value, "write the number", "the error code %s is not a number", source.Quote(m.Name))
		}
		e := d.entry(m, "go", "description")
		if m.Value.Member("go") == nil && m.Value.Kind == source.Object {
			d.problems.Add(m.Value, `add "go", such as "NotFound"`, "the error code %s has no name", m.Name)
		}
		voc.Errors = append(voc.Errors, e)
	}
	for _, m := range d.entries(root.Member("x-dwp-scopes")) {
		voc.Scopes = append(voc.Scopes, d.entry(m, "go", "description"))
	}
	for _, m := range d.entries(root.Member("x-dwp-channels")) {
		c := Channel{Entry: d.entry(m, "go", "description", "param"), Param: d.optionalText(m.Value, "param")}
		voc.Channels = append(voc.Channels, c)
	}
	return voc
}

func (d *document) entries(v *source.Value) []source.Member {
	if v == nil || !d.want(v, source.Object) {
		return nil
	}
	return v.Members
}

// entry reads an object of the vocabulary and refuses members that it has no place for.
func (d *document) entry(m source.Member, allowed ...string) Entry {
	e := Entry{Value: m.Value, Name: m.Name}
	if m.Value.Kind != source.Object {
		d.problems.Add(m.Value, "write an object with "+strings.Join(allowed, ", "), "%s is %s", source.Quote(m.Name), m.Value.Kind)
		return e
	}
	for _, member := range m.Value.Members {
		if !slices.Contains(allowed, member.Name) {
			d.problems.Add(member.Value, "it has "+strings.Join(allowed, ", "), "%s has no member %s", m.Value.Parent().Token(), source.Quote(member.Name))
		}
	}
	if v := m.Value.Member("go"); v != nil && slices.Contains(allowed, "go") {
		e.Go = d.identifier(v)
	}
	if name := d.named(m.Value); name != nil && slices.Contains(allowed, "go") {
		e.Go = name
	}
	if v := d.optionalText(m.Value, "description"); v != nil {
		e.Description = v.Text
	}
	return e
}

func (d *document) optionalText(v *source.Value, name string) *source.Value {
	text := v.Member(name)
	if text == nil || !d.want(text, source.String) {
		return nil
	}
	return text
}

func (d *document) method(m source.Member) Method {
	out := Method{Entry: d.entry(m, "go", "description", "request", "response", "result", "args", "scope", "idempotency", "blocking", "session", "status")}
	v := m.Value
	if v.Kind != source.Object {
		return out
	}
	if status := v.Member("status"); status != nil {
		if status.Text != "405" {
			d.problems.Add(status, "405 marks a method that is declared and not implemented", "status is %s", status.JSON())
		}
		if len(v.Members) > 1 {
			d.problems.Add(v, "remove status, or everything else", "the method %s has a status and more", m.Name)
		}
		out.Status = status
		return out
	}
	if s := v.Member("request"); s != nil {
		out.Request = d.schema(s)
	}
	if s := v.Member("response"); s != nil {
		out.Response = d.schema(s)
	}
	if s := v.Member("result"); s != nil {
		out.NoResult = d.oneOf(s, "none") != nil
	}
	if s := v.Member("args"); s != nil {
		out.Args = d.names(s)
	}
	out.Scope = d.optionalText(v, "scope")
	if s := v.Member("idempotency"); s != nil {
		out.Idempotency = d.oneOf(s, "safe", "idempotent", "unsafe")
	} else {
		d.problems.Add(v, `add "idempotency": "safe", "idempotent" or "unsafe"`, "the method %s does not say whether it may be repeated", m.Name)
	}
	if s := v.Member("blocking"); s != nil {
		out.Blocking = d.truth(s)
	}
	if s := v.Member("session"); s != nil {
		out.Session = d.truth(s)
	}
	if out.Description == "" {
		d.problems.Add(v, "add a description: it becomes the documentation of the method", "the method %s is not described", m.Name)
	}
	return out
}

func (d *document) enumValues(s *Schema, v *source.Value) {
	for _, m := range d.entries(v) {
		e := d.entry(m, "go", "description")
		s.Ext.Values = append(s.Ext.Values, EnumValue(e))
	}
}

func (d *document) events(s *Schema, v *source.Value) {
	for _, m := range d.entries(v) {
		e := d.entry(m, "go", "description", "payload")
		event := Event{Value: e.Value, Type: e.Name, Go: e.Go, Description: e.Description}
		if payload := m.Value.Member("payload"); payload != nil {
			event.Payload = d.schema(payload)
		} else if m.Value.Kind == source.Object {
			d.problems.Add(m.Value, `add "payload": {"$ref": …}`, "the event %s has no payload", m.Name)
		}
		s.Ext.Events = append(s.Ext.Events, event)
	}
}

// oneOf reads a string that is one of a few, nil if it is none of them.
func (d *document) oneOf(v *source.Value, allowed ...string) *source.Value {
	if v.Kind == source.String && slices.Contains(allowed, v.Text) {
		return v
	}
	quoted := make([]string, len(allowed))
	for i, a := range allowed {
		quoted[i] = source.Quote(a)
	}
	hint := "it is " + quoted[0]
	if n := len(quoted) - 1; n > 0 {
		hint = "it is " + strings.Join(quoted[:n], ", ") + " or " + quoted[n]
	}
	d.problems.Add(v, hint, "%s is %s", v.Token(), v.JSON())
	return nil
}

// identifier reads an exported Go name.
func (d *document) identifier(v *source.Value) *source.Value {
	if !d.want(v, source.String) {
		return nil
	}
	if !token.IsIdentifier(v.Text) || !token.IsExported(v.Text) {
		d.problems.Add(v, "write an identifier that begins with a capital", "%s is not an exported Go name", source.Quote(v.Text))
		return nil
	}
	return v
}

func (d *document) reason(v *source.Value) *source.Value {
	if v.Kind == source.String && strings.TrimSpace(v.Text) != "" {
		return v
	}
	d.problems.Add(v, "write why the definition is left out", "x-dwp-skip gives no reason")
	return nil
}
