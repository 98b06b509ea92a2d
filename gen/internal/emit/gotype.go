package emit

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// goType is a type as Go writes it.
func (p *printer) goType(t *model.Type) *jen.Statement {
	switch t.Kind {
	case model.Bool:
		return jen.Bool()
	case model.Int:
		return jen.Id(intName(t))
	case model.Float:
		return jen.Float64()
	case model.Bytes:
		return jen.Index().Byte()
	case model.Time:
		return jen.Qual("time", "Time")
	case model.Duration:
		return jen.Qual("time", "Duration")
	case model.NullOnly:
		return jen.Qual(codecPath, "Null")
	case model.JSON:
		return jen.Qual("encoding/json", "RawMessage")
	case model.Any:
		return jen.Any()
	case model.List:
		return jen.Index().Add(p.goType(t.Elem))
	case model.Map:
		return jen.Map(jen.String()).Add(p.goType(t.Elem))
	case model.Nullable:
		if nilInterface(t) {
			return p.goType(t.Elem)
		}
		return jen.Op("*").Add(p.goType(t.Elem))
	case model.Named:
		return p.declName(t.Decl)
	}
	return jen.String()
}

// nilInterface reports whether a nullable type is an interface that is nil for null.
func nilInterface(t *model.Type) bool {
	if t.Kind != model.Nullable {
		return false
	}
	u := t.Elem.Underlying().Union()
	return u != nil && u.Sealed()
}

func intName(t *model.Type) string {
	name := "int"
	if t.Unsigned {
		name = "uint"
	}
	if t.Bits > 0 {
		name += strconv.Itoa(t.Bits)
	}
	return name
}

// declName is how a declaration is called from here.
func (p *printer) declName(d model.Decl) *jen.Statement {
	if p.cfg.Target == Server {
		return jen.Qual(clientPath, d.Info().Name)
	}
	return jen.Id(d.Info().Name)
}

// fieldType is the type of a field, its presence included.
func (p *printer) fieldType(f *model.Field) *jen.Statement {
	t := p.goType(f.Type)
	switch {
	case f.Presence == model.Pointer, f.Indirect:
		return jen.Op("*").Add(t)
	case f.Presence == model.Carrier:
		return jen.Qual(codecPath, "Optional").Types(t)
	}
	return t
}
