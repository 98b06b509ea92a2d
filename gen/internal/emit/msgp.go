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
// msgp's own where it can express them; an enum is a string or an integer wherever it stands.
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
		text = p.methodsOf(d, fmt.Sprintf("(*%#v)(z)", p.goType(d.Type)), p.coder(d.Type))
	default:
		return
	}
	p.part(Msgpack).Add(splice(text))
	p.part(Msgpack).Line()
}

// msgpMutex guards msgp's generator, whose counter of identifiers is a variable
// of its package.
var msgpMutex sync.Mutex

// structMsgp has msgp's generator print a struct. Streams are left out: its decoders make room for what
// a header claims before they read it.
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
	if f.Presence == model.Pointer && t.Struct() != nil {
		return &gen.Ptr{Value: gen.Ident(t.Struct().Name)}, "omitempty"
	}
	if f.Presence == model.Always || f.Presence == model.OmitEmpty || f.Presence == model.OmitZero {
		if p.isPlainStruct(f) {
			return gen.Ident(t.Struct().Name), "omitzero"
		}
		if !f.Indirect && !p.neverEmpty(f) {
			if b := primitive(t); b != nil {
				if t.Kind == model.Time {
					return b, "omitzero"
				}
				return b, "omitempty"
			}
		}
	}
	return gen.Ident("msgpack.Value"), "omitzero"
}

// primitive is a type that msgp's generator knows, nil for others.
func primitive(t *model.Type) *gen.BaseElem {
	switch t.Kind {
	case model.Bool:
		return gen.Ident("bool")
	case model.Int:
		return gen.Ident(intName(t))
	case model.Float:
		return nil // an integer is a number too, which msgp's decoder minds
	case model.String:
		return gen.Ident("string")
	case model.Time:
		return gen.Ident("time.Time")
	case model.Duration:
		if t.Unit == "ns" {
			return gen.Ident("time.Duration")
		}
	case model.Named:
		if e := t.Enum(); e != nil {
			b := primitive(e.Base)
			b.Alias(e.Name)
			return b
		}
	}
	return nil
}

// presentCoder is the coder of a field of type t, its presence included.
func (p *printer) presentCoder(f *model.Field, t *model.Type) string {
	c := p.coder(t)
	switch {
	case f.Presence == model.Pointer, f.Indirect:
		return "msgpack.PointerOf(" + c + ")"
	case f.Presence == model.Carrier:
		return "msgpack.OptionalOf(" + c + ")"
	}
	return c
}

// units are the durations that x-dwp-unit names.
var units = map[string]string{"ns": "time.Nanosecond", "us": "time.Microsecond", "ms": "time.Millisecond", "s": "time.Second"}

// coder is the expression of a type's coder.
func (p *printer) coder(t *model.Type) string {
	name := fmt.Sprintf("%#v", p.goType(t))
	switch t.Kind {
	case model.Bool:
		return "msgpack.Bool[bool]{}"
	case model.Int:
		if t.Unsigned {
			return "msgpack.Uint[" + name + "]{}"
		}
		return "msgpack.Int[" + name + "]{}"
	case model.Duration:
		return "msgpack.Duration(" + units[t.Unit] + ")"
	case model.Float:
		return "msgpack.Float[float64]{}"
	case model.Bytes:
		return "msgpack.Bytes[[]byte]{}"
	case model.Time:
		return "msgpack.Time{}"
	case model.NullOnly:
		return "msgpack.Null{}"
	case model.JSON:
		return "msgpack.JSON{}"
	case model.Any:
		return "msgpack.Any{}"
	case model.List:
		return "msgpack.SliceOf(" + p.coder(t.Elem) + ")"
	case model.Map:
		return "msgpack.MapOf(" + p.coder(t.Elem) + ")"
	case model.Nullable:
		if nilInterface(t) {
			return "msgpack.InterfaceOf(" + p.coder(t.Elem) + ")"
		}
		return "msgpack.PointerOf(" + p.coder(t.Elem) + ")"
	case model.Named:
		if u := t.Union(); u != nil && u.Sealed() {
			return unionCoder(u) + "{}"
		}
		if d, ok := t.Decl.(*model.Defined); ok && d.Type.Kind == model.Named {
			return p.coder(d.Type)
		}
		if e := t.Enum(); e != nil {
			if e.Base.Kind == model.Int {
				return "msgpack.Int[" + name + "]{}"
			}
			return "msgpack.String[" + name + "]{}"
		}
		return "msgpack.StructOf[" + name + "]()"
	}
	return "msgpack.String[string]{}"
}
