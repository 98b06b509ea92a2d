package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

func (p *printer) structDecl(s *model.Struct) {
	p.file.Add(declComment(s.Info()))
	p.file.Type().Id(s.Name).StructFunc(func(g *jen.Group) {
		for _, f := range s.Fields {
			if f.Presence == model.Fixed {
				continue
			}
			if doc := fieldDoc(f); doc != "" || f.Deprecated {
				g.Add(comment(doc, deprecated(f.Deprecated)))
			}
			g.Id(f.Name).Add(qualify(p.fieldType(f))).Tag(map[string]string{"json": jsonTag(f)})
		}
		if s.Extra != nil {
			p.extraField(g, s)
		}
	})
	p.file.Line()
}

// extraField prints the field for what the schema does not name.
func (p *printer) extraField(g *jen.Group, s *model.Struct) {
	tag := map[string]string{"json": "-"}
	if s.Tuple {
		g.Comment("Extra holds the items after these.")
		g.Id("Extra").Index().Add(p.jenType(s.Extra)).Tag(tag)
		return
	}
	g.Comment("Extra holds the members that the schema does not name.")
	g.Id("Extra").Map(jen.String()).Add(p.jenType(s.Extra)).Tag(tag)
}

func fieldDoc(f *model.Field) string { return sentence(f.Description) }

// jsonTag is the field's tag for encoding/json: what is absent is omitted.
func jsonTag(f *model.Field) string {
	switch f.Presence {
	case model.OmitEmpty, model.Pointer:
		return f.JSON + ",omitempty"
	case model.OmitZero, model.Carrier:
		return f.JSON + ",omitzero"
	default:
		return f.JSON
	}
}

func (p *printer) enumDecl(e *model.Enum) {
	p.file.Add(declComment(e.Info()))
	p.file.Type().Id(e.Name).Add(p.jenType(e.Base))
	p.file.Line()
	p.file.Comment("The values of " + e.Name + ".")
	p.file.Const().DefsFunc(func(g *jen.Group) {
		for _, v := range e.Values {
			if v.Description != "" {
				g.Add(comment(v.Name + ": " + sentence(continued(v.Description))))
			}
			g.Id(v.Name).Id(e.Name).Op("=").Op(goLiteral(v.Value))
		}
	})
	p.file.Line()
}

func (p *printer) definedDecl(d *model.Defined) {
	p.file.Add(declComment(d.Info()))
	if d.Type.Kind == model.Named {
		p.file.Type().Id(d.Name).Op("=").Add(p.jenType(d.Type))
	} else {
		p.file.Type().Id(d.Name).Add(p.jenType(d.Type))
	}
	p.file.Line()
}
