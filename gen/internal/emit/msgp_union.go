package emit

import (
	"fmt"
	"strings"

	"github.com/xraph/dispatch/gen/internal/model"
)

// unionCoder is the name of the coder of an interface, which has no methods of its own.
func unionCoder(u *model.Union) string { return "msg" + u.Name }

// unionMsgp prints the coder of a sealed interface.
func (p *printer) unionMsgp(u *model.Union) string {
	if !u.Sealed() {
		return p.methodsOf(u, "&z.JSON", p.coder(&model.Type{Kind: model.JSON}))
	}
	var b strings.Builder
	name, coder := u.Name, unionCoder(u)
	fmt.Fprintf(&b, "\n// %s is the msgpack coder of %s.\ntype %s struct{}\n", coder, name, coder)
	fmt.Fprintf(&b, "\n// Append implements msgpack.Coder.\nfunc (%s) Append(b []byte, v *%s) ([]byte, error) {\nswitch v := (*v).(type) {\n", coder, name)
	for _, v := range u.Variants {
		if p.byPointer(v) {
			fmt.Fprintf(&b, "case *%s:\nif v != nil {\nreturn v.MarshalMsg(b)\n}\n", v.Name)
		} else {
			fmt.Fprintf(&b, "case %s:\nreturn %s.Append(b, &v)\n", v.Name, p.coder(v.Type))
		}
	}
	if c := u.Carrier(); c != "" {
		fmt.Fprintf(&b, "case *%s:\nif v != nil {\nreturn msgpack.AppendJSON(b, v.JSON)\n}\n", c)
	}
	fmt.Fprintf(&b, "}\nreturn b, &codec.Error{Kind: codec.ErrMissing, Detail: \"no %s\"}\n}\n", name)
	p.unionRead(&b, u)
	fmt.Fprintf(&b, "\n// Size implements msgpack.Coder.\nfunc (%s) Size(v *%s) int {\nswitch v := (*v).(type) {\n", coder, name)
	for _, v := range u.Variants {
		if p.byPointer(v) {
			fmt.Fprintf(&b, "case *%s:\nif v != nil {\nreturn v.Msgsize()\n}\n", v.Name)
		} else {
			fmt.Fprintf(&b, "case %s:\nreturn %s.Size(&v)\n", v.Name, p.coder(v.Type))
		}
	}
	b.WriteString("}\nreturn msgp.NilSize\n}\n")
	fmt.Fprintf(&b, "\n// Absent implements msgpack.Coder.\nfunc (%s) Absent(v *%s) bool { return *v == nil }\n", coder, name)
	return b.String()
}

func (p *printer) unionRead(b *strings.Builder, u *model.Union) {
	name, coder := u.Name, unionCoder(u)
	fmt.Fprintf(b, "\n// Read implements msgpack.Coder.\nfunc (%s) Read(b []byte, v *%s) ([]byte, error) {\n", coder, name)
	if model.Recursive(u) {
		b.WriteString(depthCheck)
	}
	b.WriteString(p.assertRead(u, "b"))
	if u.Kind == model.Tagged {
		fmt.Fprintf(b, "tag, err := msgpack.Tag(b, %q)\nif err != nil {\nreturn b, err\n}\nswitch tag {\n", u.Tag)
		for _, v := range u.Variants {
			fmt.Fprintf(b, "case %s:\nz := new(%s)\nrest, err := z.UnmarshalMsg(b)\nif err == nil {\n*v = z\n}\nreturn rest, err\n", tagList(v), v.Name)
		}
		b.WriteString("}\n")
		if c := u.Carrier(); c != "" {
			fmt.Fprintf(b, "text, rest, err := msgpack.ReadJSON(b)\nif err == nil {\n*v = &%s{JSON: text}\n}\nreturn rest, err\n}\n", c)
		} else {
			fmt.Fprintf(b, "return b, &codec.Error{Kind: codec.ErrValue, Detail: \"the %s \" + tag}\n}\n", u.Tag)
		}
		return
	}
	fmt.Fprintf(b, "one, rest, err := msgpack.%s,\n", p.chooser(u))
	for _, v := range u.Variants {
		fmt.Fprintf(b, "msgpack.Choice[%s]{", name)
		if len(v.Required) > 0 {
			fmt.Fprintf(b, "Required: %#v, ", v.Required)
		}
		expect := ""
		if v.Others != nil {
			expect = fmt.Sprintf("if err := msgpack.Expect(b, %s); err != nil {\nreturn nil, b, err\n}\n", kindList(v))
		}
		fmt.Fprintf(b, "Read: func(b []byte) (%s, []byte, error) {\n%svar z %s\nrest, err := %s.Read(b, &z)\n", name, expect, v.Name, p.coder(v.Type))
		value := "z"
		if p.byPointer(v) {
			value = "&z"
		}
		if valid := p.validity(v.Type, "z"); valid != "" {
			fmt.Fprintf(b, "if err == nil {\nerr = %s\n}\n", valid)
		}
		fmt.Fprintf(b, "return %s, rest, err\n}},\n", value)
	}
	b.WriteString(")\nif err == nil {\n*v = one\n}\nreturn rest, err\n}\n")
}

// depthCheck is how the decoder of a type begins that may contain itself.
const depthCheck = "if err := msgpack.CheckDepth(b); err != nil {\nreturn b, err\n}\n"

// methodsOf prints the serializers of a named type over the coder of what it
// is made of. ref is a pointer to that, made of the receiver z.
func (p *printer) methodsOf(d model.Decl, ref, coder string) string {
	name, check := d.Info().Name, ""
	if model.Recursive(d) {
		check = depthCheck
	}
	check += p.assertRead(d, "b")
	msg := fmt.Sprintf("msgpack.ValueOf(%s, %s)", ref, coder)
	return fmt.Sprintf(`
// MarshalMsg implements msgp.Marshaler
func (z *%[1]s) MarshalMsg(b []byte) ([]byte, error) { return %[2]s.MarshalMsg(b) }

// UnmarshalMsg implements msgp.Unmarshaler
func (z *%[1]s) UnmarshalMsg(b []byte) ([]byte, error) {
%[3]sreturn %[2]s.UnmarshalMsg(b)
}

// Msgsize is an upper bound of the size of the serialized value
func (z *%[1]s) Msgsize() int { return %[2]s.Msgsize() }
`, name, msg, check)
}

// chooser begins the call that chooses among the variants of a union.
func (p *printer) chooser(u *model.Union) string {
	if model.Recursive(u) {
		return fmt.Sprintf("ChooseDeep(b, %v, %s", u.Exclusive, unionScan(u))
	}
	return fmt.Sprintf("Choose(b, %v", u.Exclusive)
}
