package model

import (
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
	"github.com/xraph/dispatch/internal/jsonnumber"
)

// values are what enum and const leave of all values, and whether any of them stands there.
func (b *builder) values(c *conjunction) (values []*source.Value, valued bool) {
	var by *source.Value
	for _, a := range c.atoms {
		for _, list := range [][]*source.Value{a.Enum, constList(a)} {
			if list == nil {
				continue
			}
			at := a.Keyword("enum")
			if len(list) > 0 {
				at = list[0]
			}
			if !valued {
				values, by, valued = list, at, true
				continue
			}
			both := slices.DeleteFunc(slices.Clone(list), func(v *source.Value) bool {
				return !slices.ContainsFunc(values, func(w *source.Value) bool { return sameValue(v, w) })
			})
			if len(both) == 0 {
				b.warnings.Add(at, "no value is in both", "the values contradict those of %s", by.Parent().Pointer())
			}
			values, by = both, at
		}
	}
	if valued && (!c.demands.none() || len(c.pick(saysMoreThanValues)) > 0) {
		whole := &parse.Schema{Value: c.at.Value, AllOf: append(slices.Clone(c.roots), c.asserted())}
		values = slices.DeleteFunc(slices.Clone(values), func(v *source.Value) bool { return !b.allows(whole, v) })
	}
	return values, valued
}

// saysMoreThanValues reports whether some of the values that a schema lists may not be valid.
func saysMoreThanValues(s *parse.Schema) bool {
	return slices.ContainsFunc(s.Value.Members, func(m source.Member) bool {
		return m.Name != "enum" && m.Name != "const" && m.Name != "type" && slices.Contains(constraining, m.Name)
	})
}

func constList(s *parse.Schema) []*source.Value {
	if s.Const == nil {
		return nil
	}
	return []*source.Value{s.Const}
}

func sameValue(a, b *source.Value) bool {
	if a.Kind == source.Number && b.Kind == source.Number {
		return jsonnumber.Equal(a.Text, b.Text)
	}
	return a.JSON() == b.JSON()
}

// typeOfValue is the JSON type of a value.
func typeOfValue(v *source.Value) string {
	switch v.Kind {
	case source.Null:
		return "null"
	case source.Bool:
		return "boolean"
	case source.String:
		return "string"
	case source.Array:
		return "array"
	case source.Object:
		return "object"
	default:
		if number(v.Text).IsInt() {
			return "integer"
		}
		return "number"
	}
}

// valueType is the type of what enum and const allow.
func (b *builder) valueType(c *conjunction, types []string, values []*source.Value, about About) *Type {
	at := c.at.Value
	kept := slices.DeleteFunc(slices.Clone(values), func(v *source.Value) bool {
		t := typeOfValue(v)
		return !slices.Contains(types, t) && (t != "integer" || !slices.Contains(types, "number"))
	})
	if len(kept) == 0 {
		b.warnings.Add(at, "change the type or the values", "no value is valid and of the type %s", strings.Join(types, " or "))
		return b.never(c)
	}
	if keepsJSON(kept) {
		c.demands.assert(&parse.Schema{Value: at, Enum: kept})
		return &Type{Kind: JSON}
	}
	null := slices.IndexFunc(kept, func(v *source.Value) bool { return v.Kind == source.Null })
	if null >= 0 {
		if kept = slices.Delete(kept, null, null+1); len(kept) == 0 {
			return &Type{Kind: NullOnly}
		}
	}
	t := b.notNull(c, kept, at, about)
	if null >= 0 {
		t = nullable(t)
	}
	return t
}

func (b *builder) notNull(c *conjunction, values []*source.Value, at *source.Value, about About) *Type {
	kind := typeOfValue(values[0])
	for _, v := range values {
		switch t := typeOfValue(v); {
		case t == kind:
		case t == "number" && kind == "integer", t == "integer" && kind == "number":
			kind = "number"
		}
	}
	for _, v := range values {
		if kind == "number" && !isFloat(v) {
			b.problems.Add(v, "use numbers that 64 bits hold", "no Go number holds the value %s", v.Text)
		}
		if kind == "integer" && (!isFloat(v) || !number(v.Text).Num().IsInt64()) {
			b.problems.Add(v, "use numbers that 64 bits hold", "no Go integer holds the value %s", v.Text)
		}
	}
	_, isDefinition := b.definitions[c.at]
	switch kind {
	case "boolean":
		t := &Type{Kind: Bool}
		if len(values) == 1 {
			t.Checks.Const = values[0]
		}
		return t
	case "string", "integer":
		if len(values) == 1 && !isDefinition && len(c.at.Ext.Values) == 0 {
			return b.constType(kind, values[0])
		}
		if len(values) == 1 && len(c.pick(func(s *parse.Schema) bool { return s.Const != nil })) > 0 {
			return b.constType(kind, values[0])
		}
		return b.enum(c, kind, values, about)
	case "number":
		if len(values) == 1 {
			return b.constType(kind, values[0])
		}
	}
	c.demands.assert(&parse.Schema{Value: at, Enum: values})
	return &Type{Kind: Float}
}

// keepsJSON reports whether no Go type but JSON has all of the values: arrays and objects, or
// values of several types.
func keepsJSON(values []*source.Value) bool {
	var first source.Kind
	for _, v := range values {
		if v.Kind == source.Null {
			continue
		}
		if first == source.Null {
			first = v.Kind
		}
		if v.Kind != first || v.Kind >= source.Array {
			return true
		}
	}
	return false
}

func (b *builder) constType(kind string, v *source.Value) *Type {
	t := &Type{Kind: String, Checks: Checks{Const: v}}
	switch kind {
	case "integer":
		t.Kind = Int
	case "number":
		t.Kind = Float
	}
	return t
}

func (b *builder) enum(c *conjunction, kind string, values []*source.Value, about About) *Type {
	e := &Enum{About: about, Base: &Type{Kind: String}}
	if kind == "integer" {
		e.Base = &Type{Kind: Int}
	}
	var prefix string
	var named []parse.EnumValue
	for _, a := range c.atoms {
		e.Closed = e.Closed || a.Ext.Closed
		if a.Ext.Prefix != nil {
			prefix = a.Ext.Prefix.Text
		}
		named = append(named, a.Ext.Values...)
		for _, ev := range a.Ext.Events {
			named = append(named, parse.EnumValue{Value: ev.Value, Name: ev.Type, Go: ev.Go, Description: ev.Description})
		}
	}
	if prefix == "" {
		prefix = about.Name
	}
	texts := map[string]bool{}
	same := map[string]int{}
	for _, v := range values {
		same[valueName(v)]++
	}
	for i, v := range values {
		if slices.ContainsFunc(values[:i], func(w *source.Value) bool { return sameValue(v, w) }) {
			continue // 1 and 1.0
		}
		ev := &EnumValue{Value: v}
		name := valueName(v)
		if same[name] > 1 && v.Kind == source.String {
			name = spelled(v.Text)
		}
		texts[v.Text] = true
		for _, n := range named {
			if n.Name == v.Text {
				ev.Description = n.Description
				if n.Go != nil {
					name, ev.Pinned = n.Go.Text, true
				}
			}
		}
		if given := b.given(v); given != nil {
			name, ev.Pinned = given.Text, true
		}
		if name == "" && v.Kind == source.String {
			name = spelled(v.Text)
		}
		if name == "" {
			b.problems.Add(v, `add it to x-dwp-values with "go"`, "no Go name can be made of %s", v.JSON())
			continue
		}
		ev.Name = prefix + name
		e.Values = append(e.Values, ev)
	}
	for _, n := range named {
		if !texts[n.Name] {
			b.problems.Add(n.Value, "add it to enum, or remove it here", "%s is not among the values of enum", source.Quote(n.Name))
		}
	}
	b.add(c.at, e)
	return &Type{Kind: Named, Decl: e}
}

// valueName is what a value adds to the prefix of its constant, "" if no rule has a name for it.
func valueName(v *source.Value) string {
	if v.Kind != source.String {
		return strings.ReplaceAll(number(v.Text).RatString(), "-", "Minus")
	}
	if v.Text == "" {
		return "Empty"
	}
	return capitals(v.Text) // the prefix makes an identifier of it
}
