package emit

import (
	"bytes"
	"fmt"
	"math"
	"sync"

	"github.com/tinylib/msgp/gen"

	"github.com/xraph/dispatch/gen/internal/model"
)

// msgpCodec prints the msgpack serializers of a declaration. Structs get
// msgp's own where it can express them; an enum is a string or an integer everywhere.
func (p *printer) msgpCodec(d model.Decl) {
	var text string
	switch d := d.(type) {
	case *model.Struct:
		switch {
		case d.Tuple:
			text = p.tupleMsgp(d)
		case d.Extra != nil:
			text = p.structOwnMsgp(d)
		default:
			var err error
			if text, err = p.structMsgp(d); err != nil {
				p.err = fmt.Errorf("serializers of %s: %w", d.Name, err)
				return
			}
			text = p.strictRead(d, text)
		}
	case *model.Union:
		text = p.unionMsgp(d)
	case *model.Defined:
		if d.Type.Kind == model.Named {
			return
		}
		text = p.methodsOf(d, convert("*"+p.goType(d.Type), "z"), p.coder(d.Type))
	default:
		return
	}
	p.add(Msgpack, text)
}

// msgpMutex guards msgp's generator, whose counter of identifiers is a variable
// of its package.
var msgpMutex sync.Mutex

// structMsgp has msgp's generator print a struct. Streams are left out: its decoders make room for
// what a header claims before they read it.
func (p *printer) structMsgp(s *model.Struct) (string, error) {
	msgpMutex.Lock()
	defer msgpMutex.Unlock()
	var out bytes.Buffer
	for _, method := range []gen.Method{gen.Marshal, gen.Unmarshal, gen.Size} {
		printer := gen.NewPrinter(method, &out, nil)
		printer.NewTime, printer.AsUTC = true, true
		printer.ArrayLimit, printer.MapLimit = math.MaxUint32, math.MaxUint32
		// A printer renames the fields when it is done, so each has a tree of its own.
		if err := printer.Print(p.structElem(s)); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

func (p *printer) structElem(s *model.Struct) *gen.Struct {
	elem := &gen.Struct{}
	elem.Alias(s.Name)
	always := true
	elem.AlwaysPtr(&always)
	for _, f := range s.Fields {
		tag, zero := p.fieldElem(f)
		parts := []string{f.JSON}
		if omittable(f) {
			parts = append(parts, zero)
		}
		elem.Fields = append(elem.Fields, gen.StructField{FieldTag: f.JSON, FieldTagParts: parts, FieldName: f.Name, FieldElem: tag})
	}
	elem.SetVarname("z")
	for i, f := range s.Fields {
		if b, ok := elem.Fields[i].FieldElem.(*gen.BaseElem); ok && b.Value == gen.IDENT && !p.isPlainStruct(f) {
			b.SetVarname(p.value(f))
		}
	}
	return elem
}

// isPlainStruct reports whether a field is a struct itself, with serializers of its own.
func (p *printer) isPlainStruct(f *model.Field) bool {
	return f.Type.Struct() != nil && f.Presence == model.Always && !f.Indirect
}

// fieldElem is a field as msgp's generator has it, and the tag by which it is
// omitted. What msgp has no type for is an identifier: msgpack.ValueOf.
func (p *printer) fieldElem(f *model.Field) (elem gen.Elem, omit string) {
	t := f.Type
	if f.Presence == model.Pointer && t.Struct() != nil && !p.strict() {
		return &gen.Ptr{Value: gen.Ident(t.Struct().Name)}, "omitempty"
	}
	if f.Presence == model.Always || f.Presence == model.OmitEmpty || f.Presence == model.OmitZero {
		if p.isPlainStruct(f) {
			return gen.Ident(t.Struct().Name), "omitzero"
		}
		if !f.Indirect && !p.rejectsEmpty(f) && !p.rejectsZero(f) {
			if b := p.row(t).msgp(t); b != nil {
				if t.Kind == model.Time {
					return b, "omitzero"
				}
				return b, "omitempty"
			}
		}
	}
	return gen.Ident("msgpack.Value"), "omitzero"
}

// presentCoder is the coder of a field of type t, its presence included.
func (p *printer) presentCoder(f *model.Field, t *model.Type) string {
	c := p.coder(t)
	switch {
	case f.Presence == model.Pointer && p.strict():
		return "msgpack.PresentOf(" + c + ")"
	case f.Presence == model.Pointer, f.Indirect:
		return "msgpack.PointerOf(" + c + ")"
	case f.Presence == model.Carrier:
		return "msgpack.OptionalOf(" + c + ")"
	}
	return c
}

// coder is the expression of a type's coder.
func (p *printer) coder(t *model.Type) string { return p.row(t).coder(p, t, p.goType(t)) }

// namedCoder is coder for a declaration.
func (p *printer) namedCoder(t *model.Type, goType string) string {
	switch d := t.Decl.(type) {
	case *model.Union:
		if d.Sealed() {
			return unionCoder(d) + "{}"
		}
	case *model.Defined:
		if d.Type.Kind == model.Named {
			return p.coder(d.Type)
		}
	case *model.Enum:
		return p.row(d.Base).coder(p, d.Base, goType)
	}
	return "msgpack.StructOf[" + goType + "]()"
}
