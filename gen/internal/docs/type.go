package docs

import (
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/source"
)

// types describes declarations, each under a heading of its own.
func (p *printer) types(decls []model.Decl) {
	for _, d := range decls {
		about := d.Info()
		p.heading(3, text(name(about)), typeAnchor(about))
		p.paragraph(sentence(about.Title))
		if about.Deprecated {
			p.paragraph("Deprecated.")
		}
		p.paragraph(about.Description)
		switch d := d.(type) {
		case *model.Struct:
			p.structure(d)
		case *model.Enum:
			p.enum(d)
		case *model.Union:
			p.union(d)
		case *model.Defined:
			p.paragraph("It is " + p.phrase(d.Type) + ".")
		}
		if len(about.Examples) > 0 {
			p.example(about.Examples[0])
		}
	}
}

func (p *printer) example(v *source.Value) {
	p.line("")
	p.line("```json")
	p.line("%s", example(v))
	p.line("```")
}

// name is what the schema calls a declaration.
func name(a *model.About) string {
	if a.Schema != "" {
		return a.Schema
	}
	return a.Name
}

func typeAnchor(a *model.About) string { return anchor("type", name(a)) }

func (p *printer) structure(s *model.Struct) {
	var rows [][]string
	for _, f := range s.Fields {
		rows = append(rows, []string{code(f.JSON), p.raw(fieldType(f)), required(f), text(p.meaning(f))})
	}
	for _, unset := range s.Unset {
		rows = append(rows, []string{code(unset), "", "", "Never set."})
	}
	first := "Member"
	if s.Tuple {
		first = "Item"
		p.paragraph("It is an array.")
	}
	p.table([]string{first, "Type", "Required", "Meaning"}, rows)
	if s.Extra != nil {
		p.line("")
		p.line("Every other %s is %s.", strings.ToLower(first), p.raw(s.Extra))
	}
	if s.Unknown == model.Reject {
		p.paragraph("There are no others.")
	}
	for _, d := range s.Dependent {
		p.line("")
		p.line("With %s come %s.", code(d.Member), codes(d.Requires))
	}
}

func codes(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = code(n)
	}
	return strings.Join(quoted, ", ")
}

func required(f *model.Field) string {
	if f.Required {
		return "yes"
	}
	return "no"
}

// fieldType puts the null back that a field's way of being absent holds.
func fieldType(f *model.Field) *model.Type {
	if f.Presence == model.Carrier && f.Type.Kind != model.NullOnly {
		return &model.Type{Kind: model.Nullable, Elem: f.Type}
	}
	return f.Type
}

func (p *printer) meaning(f *model.Field) string {
	out := sentence(f.Description)
	if f.Deprecated {
		out = "Deprecated. " + out
	}
	if f.Default != nil {
		out += " The default is `" + f.Default.JSON() + "`."
	}
	return strings.TrimSpace(out)
}

func (p *printer) enum(e *model.Enum) {
	var rows [][]string
	described := false
	for _, v := range e.Values {
		described = described || v.Description != ""
	}
	for _, v := range e.Values {
		row := []string{code(v.Value.JSON()), text(sentence(v.Description)), code(v.Name)}
		for _, event := range p.model.Protocol.Events {
			if event.Enum == e && event.Type == v.Value.Text {
				row[0] = link(row[0], anchor("event", event.Type))
			}
		}
		rows = append(rows, row)
	}
	p.table([]string{"Value", "Meaning", "Go"}, rows)
	if e.Closed {
		p.paragraph("There are no other values.")
	} else {
		p.paragraph("A newer peer may send other values.")
	}
}

func (p *printer) union(u *model.Union) {
	p.line("")
	p.line("It is one of:")
	p.line("")
	for _, v := range u.Variants {
		p.line("- %s", p.raw(v.Type))
	}
}
