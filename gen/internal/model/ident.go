package model

import (
	"cmp"
	"fmt"

	"github.com/xraph/dispatch/gen/internal/source"
)

// Identifier is a name that printing a target declares.
type Identifier struct {
	// Name is the identifier; with a Receiver it is a method's.
	Name, Receiver string
	// Value is where in the schema the name comes from.
	Value *source.Value
	// Rename says how to give it another name: what to write in the schema. It is empty where there
	// are several ways.
	Rename string
}

// Identifiers lists what a target declares at package level, and the methods
// of Client, so that collisions can be reported. All is of both targets.
func (m *Model) Identifiers(targets ...Target) []Identifier {
	var out []Identifier
	add := func(name string, v *source.Value) { out = append(out, Identifier{Name: name, Value: v}) }
	client := false
	if m.Schemas != "" {
		add("assertedSchemas", m.Decls[0].Info().Value)
	}
	for _, target := range targets {
		client = client || target == Client
		for _, d := range m.Decls {
			if d.Info().Target != target {
				continue
			}
			add(d.Info().Name, d.Info().Value)
			switch d := d.(type) {
			case *Enum:
				for _, v := range d.Values {
					add(v.Name, v.Value)
				}
			case *Union:
				if d.Sealed() {
					for _, prefix := range []string{"msg", "append", "scan", "Decode", "Encode", "Validate"} {
						add(prefix+d.Name, d.Value)
					}
				}
				if d.Carrier() != "" {
					add(d.Carrier(), d.Value)
				}
			}
		}
	}
	if client {
		out = m.Protocol.identifiers(out)
	}
	return out
}

func (p *Protocol) identifiers(out []Identifier) []Identifier {
	add := func(name string, v *source.Value) { out = append(out, Identifier{Name: name, Value: v}) }
	for _, m := range p.Methods {
		if m.Unimplemented {
			continue
		}
		add("Method"+m.Const, m.Value)
		add("method"+m.Const, m.Value)
		if m.Name == "" {
			continue
		}
		out = append(out, Identifier{Name: m.Name, Receiver: "Client", Value: m.Value})
		if len(m.Options) > 0 {
			add(m.Name+"Option", m.Value)
			add("new"+m.Request.Name, m.Value)
		}
	}
	for _, o := range p.Options {
		names := []string{o.Name, "w" + o.Name[1:]}
		if len(o.Methods) > 1 {
			names = append(names, o.Interface())
		}
		for _, name := range names {
			out = append(out, Identifier{Name: name, Value: o.Field.Value, Rename: o.rename()})
		}
	}
	for _, c := range p.Errors {
		add("Code"+c.Name, c.Value)
		add("Err"+c.Name, c.Value)
	}
	for _, s := range p.Scopes {
		add("Scope"+s.Const, s.Value)
	}
	for _, c := range p.Channels {
		if c.Param == "" {
			add("Channel"+c.Const, c.Value)
		} else {
			add(c.Const+"Channel", c.Value)
		}
	}
	return out
}

// Interface is the name of what the option's constructor returns: the option
// type of its method, or a type that is the option of each of its methods.
func (o *Option) Interface() string {
	if len(o.Methods) == 1 {
		return o.Methods[0].Name + "Option"
	}
	return o.Field.Name + "Option"
}

// rename says what to write in the schema when the option's name is taken.
func (o *Option) rename() string {
	name := o.Methods[0].Name + o.Field.Name
	return fmt.Sprintf(`add "x-dwp-go-name": %q to the member, which makes the option With%s`, name, name)
}

// checkNames reports identifiers that are declared twice, members of a struct
// with one Go name, and parameters with one name.
func (b *builder) checkNames() {
	for _, target := range []Target{Client, Wire} {
		b.collide(b.model.Identifiers(target))
	}
	for _, d := range b.model.Decls {
		switch d := d.(type) {
		case *Struct:
			b.collideFields(d)
		case *Union:
			b.collideVariants(d)
		}
	}
	for _, m := range b.model.Protocol.Methods {
		params := map[string]*Field{}
		for _, f := range m.Args {
			if other := params[f.Param]; other != nil {
				b.problems.Add(f.Value, `give one of them another "x-dwp-go-name"`, "the parameter %s of %s is that of %s too", f.Param, m.Wire, other.Value.Pointer())
			}
			params[f.Param] = f
		}
	}
}

// collideVariants reports methods of one name of a union that has one for each variant.
func (b *builder) collideVariants(u *Union) {
	if u.Sealed() {
		return
	}
	seen := map[string]*Variant{}
	for _, v := range u.Variants {
		name := u.As(v)
		if other := seen[name]; other != nil {
			b.problems.Add(v.Value, `give one of them another "x-dwp-go-name"`, "the method %s of %s is that of %s too", name, u.Name, other.Value.Pointer())
		}
		seen[name] = v
	}
}

func (b *builder) collide(all []Identifier) {
	type key struct{ name, receiver string }
	seen := map[key]Identifier{}
	for _, id := range all {
		k := key{id.Name, id.Receiver}
		if other, ok := seen[k]; ok {
			b.problems.Add(id.Value, cmp.Or(id.Rename, `rename one of them, in Go with "x-dwp-go-name", "x-dwp-go-prefix" or "go"`),
				"the Go name %s is that of %s too", id.Name, other.Value.Pointer())
			continue
		}
		seen[k] = id
	}
}

// methodNames are those of every generated struct, which no field may have.
var methodNames = map[string]bool{
	"MarshalMsg": true, "UnmarshalMsg": true, "Msgsize": true,
	"MarshalJSON": true, "UnmarshalJSON": true, "AppendJSON": true, "ScanJSON": true, "Validate": true,
}

func (b *builder) collideFields(s *Struct) {
	seen := map[string]*Field{}
	for _, f := range s.Fields {
		if methodNames[f.Name] {
			b.problems.Add(f.Value, `give it another "x-dwp-go-name"`, "the field %s of %s has the name of a generated method", f.Name, s.Name)
		}
		if other := seen[f.Name]; other != nil {
			b.problems.Add(f.Value, `give one of them another "x-dwp-go-name"`, "the field %s of %s is that of %s too", f.Name, s.Name, other.Value.Pointer())
		}
		seen[f.Name] = f
	}
	if s.Extra != nil && seen["Extra"] != nil {
		b.problems.Add(seen["Extra"].Value, `give it another "x-dwp-go-name"`, "the field Extra of %s holds the unknown members", s.Name)
	}
}
