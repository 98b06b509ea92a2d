package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// unionDecl prints a sealed interface with the methods that seal it, or the
// struct that keeps the JSON of variants that no rule distinguishes.
func (p *printer) unionDecl(u *model.Union) {
	var names []string
	for _, v := range u.Variants {
		names = append(names, p.variantName(v))
	}
	p.file.Add(declComment(u.Info()))
	if !u.Sealed() {
		p.file.Comment("//")
		p.file.Add(comment("It keeps the JSON of a value that no rule assigns to one of its types. An As method decodes it as one."))
		p.file.Type().Id(u.Name).Struct(
			jen.Comment("JSON is the value's text."),
			jen.Id("JSON").Qual("encoding/json", "RawMessage"),
		)
		p.file.Line()
		return
	}
	if u.Carrier() != "" {
		names = append(names, "*"+u.Carrier())
	}
	p.file.Comment("//")
	p.file.Add(comment("A value is one of " + strings.Join(names, ", ") + "."))
	p.file.Type().Id(u.Name).Interface(jen.Id(u.Marker()).Params())
	p.file.Line()
	for _, v := range u.Variants {
		p.file.Func().Params(qualify(p.variantType(v))).Id(u.Marker()).Params().Block()
		p.file.Line()
	}
	if u.Carrier() == "" {
		return
	}
	p.file.Add(comment(u.Carrier() + " is a " + u.Name + " of a variant that the schema does not name."))
	p.file.Type().Id(u.Carrier()).Struct(
		jen.Comment("JSON is the value's text."),
		jen.Id("JSON").Qual("encoding/json", "RawMessage"),
	)
	p.file.Line()
	p.file.Func().Params(jen.Op("*").Id(u.Carrier())).Id(u.Marker()).Params().Block()
	p.file.Line()
}

// variantType is what a variant's values are in Go: structs by pointer.
func (p *printer) variantType(v *model.Variant) string {
	if p.byPointer(v) {
		return "*" + p.goType(v.Type)
	}
	return p.goType(v.Type)
}

func (p *printer) byPointer(v *model.Variant) bool {
	_, isStruct := v.Type.Decl.(*model.Struct)
	return isStruct
}

func (p *printer) variantName(v *model.Variant) string {
	if v.Type.Kind == model.Named && p.byPointer(v) {
		return "*" + v.Name
	}
	return v.Name
}
