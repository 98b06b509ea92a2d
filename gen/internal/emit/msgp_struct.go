package emit

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// value is the expression of a field's serializers.
func (p *printer) value(f *model.Field) string {
	if f.Presence == model.Fixed {
		return fmt.Sprintf("msgpack.Const(%q)", constant(f.Type))
	}
	ref, t := "&z."+f.Name, f.Type
	if d, ok := t.Decl.(*model.Defined); ok && t.Kind == model.Named && f.Presence == model.OmitEmpty {
		// What is empty is known of the type that is named.
		t = f.Type.Underlying()
		if d.Type.Kind != model.Named {
			ref = convert("*"+p.goType(t), ref)
		}
	}
	if f.Presence == model.OmitEmpty && p.strict() {
		if coder := p.strictCoder(f, t); coder != "" {
			return fmt.Sprintf("msgpack.ValueOf(%s, %s)", ref, coder)
		}
	}
	return fmt.Sprintf("msgpack.ValueOf(%s, %s)", ref, p.presentCoder(f, t))
}

// strictCoder is the coder of an optional field whose empty value is not what
// absent is, "" if the ordinary one will do.
func (p *printer) strictCoder(f *model.Field, t *model.Type) string {
	if p.rejectsEmpty(f) {
		return "msgpack.NonEmptyString[" + p.goType(t) + "]{}"
	}
	if p.rejectsZero(f) {
		return "msgpack.NonZeroInt[" + p.goType(t) + "]{}"
	}
	if nilCoder := p.row(t).nilCoder; nilCoder != nil {
		return nilCoder(p, t)
	}
	return ""
}

// structOwnMsgp prints the serializers of a struct that keeps unknown members, a map.
func (p *printer) structOwnMsgp(s *model.Struct) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n// MarshalMsg implements msgp.Marshaler\nfunc (z *%s) MarshalMsg(b []byte) (o []byte, err error) {\no = msgp.Require(b, z.Msgsize())\n", s.Name)
	always := 0
	for _, f := range s.Fields {
		if !omittable(f) {
			always++
		}
	}
	fmt.Fprintf(&b, "n := uint32(%d + len(z.Extra))\n", always)
	for _, f := range s.Fields {
		if omittable(f) {
			fmt.Fprintf(&b, "if !%s.IsZero() {\nn++\n}\n", p.value(f))
		}
	}
	b.WriteString("o = msgp.AppendMapHeader(o, n)\n")
	for _, f := range s.Fields {
		if omittable(f) {
			fmt.Fprintf(&b, "if !%s.IsZero() {\n", p.value(f))
		}
		fmt.Fprintf(&b, "o = msgp.AppendString(o, %q)\nif o, err = %s.MarshalMsg(o); err != nil {\nreturn o, msgp.WrapError(err, %q)\n}\n", f.JSON, p.value(f), f.Name)
		if omittable(f) {
			b.WriteString("}\n")
		}
	}
	coder := p.coder(s.Extra)
	fmt.Fprintf(&b, "return msgpack.AppendMembers(o, z.Extra, %s)\n}\n", coder)

	fmt.Fprintf(&b, "\n// UnmarshalMsg implements msgp.Unmarshaler\nfunc (z *%s) UnmarshalMsg(bts []byte) (o []byte, err error) {\n", s.Name)
	b.WriteString("n, bts, err := msgp.ReadMapHeaderBytes(bts)\nif err != nil {\nreturn bts, err\n}\nfor range n {\nvar field []byte\nif field, bts, err = msgp.ReadMapKeyZC(bts); err != nil {\nreturn bts, err\n}\nswitch string(field) {\n")
	for _, f := range s.Fields {
		fmt.Fprintf(&b, "case %q:\nif bts, err = %s.UnmarshalMsg(bts); err != nil {\nreturn bts, msgp.WrapError(err, %q)\n}\n", f.JSON, p.value(f), f.Name)
	}
	b.WriteString(droppedCase(s))
	fmt.Fprintf(&b, "default:\nif bts, err = msgpack.ReadMember(bts, string(field), &z.Extra, %s); err != nil {\nreturn bts, err\n}\n}\n}\no = bts\nreturn\n}\n", coder)
	p.ownRest(&b, s, func() {
		fmt.Fprintf(&b, "s := msgp.MapHeaderSize\n")
		for _, f := range s.Fields {
			fmt.Fprintf(&b, "s += %d + %s.Msgsize()\n", 5+len(f.JSON), p.value(f))
		}
		fmt.Fprintf(&b, "return s + msgpack.MembersSize(z.Extra, %s)\n", coder)
	})
	return p.strictRead(s, b.String())
}

// droppedCase is the case of the members that are read and dropped.
func droppedCase(s *model.Struct) string {
	dropped := s.Dropped()
	if len(dropped) == 0 {
		return ""
	}
	return "case " + quotedList(dropped) + ":\nif bts, err = msgp.Skip(bts); err != nil {\nreturn bts, err\n}\n"
}

func (p *printer) ownRest(b *strings.Builder, s *model.Struct, size func()) {
	fmt.Fprintf(b, "\n// Msgsize is an upper bound of the size of the serialized value\nfunc (z *%s) Msgsize() int {\n", s.Name)
	size()
	b.WriteString("}\n")
}

// tupleMsgp prints the serializers of a struct that is an array: items up to
// the last that is present, then the rest.
func (p *printer) tupleMsgp(s *model.Struct) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n// MarshalMsg implements msgp.Marshaler\nfunc (z *%s) MarshalMsg(b []byte) (o []byte, err error) {\no = msgp.Require(b, z.Msgsize())\n", s.Name)
	fmt.Fprintf(&b, "n := z.items()\n")
	if s.Extra != nil {
		b.WriteString("o = msgp.AppendArrayHeader(o, uint32(n+len(z.Extra)))\n")
	} else {
		b.WriteString("o = msgp.AppendArrayHeader(o, uint32(n))\n")
	}
	for i, f := range s.Fields {
		fmt.Fprintf(&b, "if n > %d {\nif o, err = %s.MarshalMsg(o); err != nil {\nreturn o, msgp.WrapError(err, %d)\n}\n}\n", i, p.value(f), i)
	}
	if s.Extra != nil {
		fmt.Fprintf(&b, "for i := range z.Extra {\nif o, err = msgpack.ValueOf(&z.Extra[i], %s).MarshalMsg(o); err != nil {\nreturn o, msgp.WrapError(err, n+i)\n}\n}\n", p.coder(s.Extra))
	}
	b.WriteString("return o, nil\n}\n")

	fmt.Fprintf(&b, "\n// UnmarshalMsg implements msgp.Unmarshaler\nfunc (z *%s) UnmarshalMsg(bts []byte) (o []byte, err error) {\n", s.Name)
	b.WriteString(p.assertRead(s, "bts"))
	b.WriteString("n, bts, err := msgp.ReadArrayHeaderBytes(bts)\nif err != nil {\nreturn bts, err\n}\n")
	required := 0
	for i, f := range s.Fields {
		if f.Required {
			required = i + 1
		}
	}
	if required > 0 {
		fmt.Fprintf(&b, "if n < %d {\nreturn bts, &codec.Error{Kind: codec.ErrMissing, Detail: \"an item\"}\n}\n", required)
	}
	if s.Extra == nil {
		fmt.Fprintf(&b, "if n > %d {\nreturn bts, &codec.Error{Kind: codec.ErrUnknown, Detail: \"an item\"}\n}\n", len(s.Fields))
	} else {
		b.WriteString("z.Extra = nil\n")
	}
	for i, f := range s.Fields {
		fmt.Fprintf(&b, "if n > %d {\nif bts, err = %s.UnmarshalMsg(bts); err != nil {\nreturn bts, msgp.WrapError(err, %d)\n}\n}\n", i, p.value(f), i)
	}
	if s.Extra != nil {
		fmt.Fprintf(&b, "for i := uint32(%d); i < n; i++ {\nvar v %s\nif bts, err = msgpack.ValueOf(&v, %s).UnmarshalMsg(bts); err != nil {\nreturn bts, msgp.WrapError(err, i)\n}\nz.Extra = append(z.Extra, v)\n}\n", len(s.Fields), p.goType(s.Extra), p.coder(s.Extra))
	}
	b.WriteString("return bts, nil\n}\n")
	p.ownRest(&b, s, func() {
		b.WriteString("s := msgp.ArrayHeaderSize\n")
		for _, f := range s.Fields {
			fmt.Fprintf(&b, "s += %s.Msgsize()\n", p.value(f))
		}
		if s.Extra != nil {
			fmt.Fprintf(&b, "for i := range z.Extra {\ns += %s.Size(&z.Extra[i])\n}\n", p.coder(s.Extra))
		}
		b.WriteString("return s\n")
	})
	p.tupleItems(s, required)
	return b.String()
}

// tupleItems prints how many of the items before Extra are written: the
// required ones, up to the last that is present, all if something follows. All codecs call it.
func (p *printer) tupleItems(s *model.Struct, required int) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n// items is how many of the first items are there.\nfunc (z *%s) items() int {\n", s.Name)
	if s.Extra != nil {
		fmt.Fprintf(&b, "if len(z.Extra) > 0 {\nreturn %d\n}\n", len(s.Fields))
	}
	for i := len(s.Fields); i > required; i-- {
		fmt.Fprintf(&b, "if !%s.IsZero() {\nreturn %d\n}\n", p.value(s.Fields[i-1]), i)
	}
	fmt.Fprintf(&b, "return %d\n}\n", required)
	p.add(Declarations, b.String())
}

// mapEnd is how the text of a decoder ends.
const mapEnd = "\no = bts\nreturn\n}\n"

var (
	fieldCase   = regexp.MustCompile(`(?m)^\s*case ("(?:[^"\\]|\\.)*"):\n`)
	skipUnknown = regexp.MustCompile(`default:\n\s*bts, err = msgp\.Skip\(bts\)\n`)
)

// strictRead makes the decoder that msgp printed check required members, members
// that the schema refuses, and depth. Its text has a case for each member and
// one end, which nothing else in it looks like.
func (p *printer) strictRead(s *model.Struct, text string) string {
	if !p.strict() {
		return text
	}
	index := map[string]int{}
	var names []string
	for _, f := range s.Fields {
		if f.Required {
			index[fmt.Sprintf("%q", f.JSON)] = len(names)
			names = append(names, fmt.Sprintf("%q", f.JSON))
		}
	}
	start := strings.Index(text, ") UnmarshalMsg(")
	end := start + strings.Index(text[start:], mapEnd) + len(mapEnd)
	body := text[start:end]
	head := ""
	if model.Recursive(s) {
		head += "\nif err := msgpack.CheckDepth(bts); err != nil {\nreturn bts, err\n}"
	}
	if assertion := p.assertRead(s, "bts"); assertion != "" {
		head += "\n" + strings.TrimSuffix(assertion, "\n")
	}
	if len(names) > 0 {
		head += fmt.Sprintf("\nvar seen [%d]bool", len(names))
		body = fieldCase.ReplaceAllStringFunc(body, func(line string) string {
			quoted := fieldCase.FindStringSubmatch(line)[1]
			if i, ok := index[quoted]; ok {
				return line + fmt.Sprintf("seen[%d] = true\n", i)
			}
			return line
		})
		body = strings.TrimSuffix(body, mapEnd) + "\nif err = msgpack.Require(seen[:], " + strings.Join(names, ", ") + "); err != nil {\nreturn bts, err\n}" + mapEnd
	}
	if s.Unknown == model.Reject {
		body = skipUnknown.ReplaceAllLiteralString(body, droppedCase(s)+"default:\nerr = &codec.Error{Kind: codec.ErrUnknown, Detail: string(field)}\n")
	}
	brace := strings.Index(body, "{")
	body = body[:brace+1] + head + body[brace+1:]
	return text[:start] + body + text[end:]
}
