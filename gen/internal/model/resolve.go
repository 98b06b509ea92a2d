package model

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// resolve returns the Go type of a schema. name is what a declaration is called
// if the schema stands inside another and needs one.
func (b *builder) resolve(s *parse.Schema, name string, target Target) *Type {
	if s.Ext.GoType != nil {
		return b.plainString(s)
	}
	if _, ok := b.definitions[s]; ok {
		return b.definedType(s)
	}
	if d := b.decls[s]; d != nil {
		return b.wrapNull(s, &Type{Kind: Named, Decl: d})
	}
	if t := soleRef(s); t != nil {
		return b.resolve(t, b.placeName(t), target)
	}
	if b.open[s] {
		b.problems.Add(s.Value, "make it a definition under $defs", "the schema contains itself and has no name")
		return &Type{Kind: JSON}
	}
	b.open[s] = true
	defer delete(b.open, s)
	about := b.about(s, name)
	about.Target = target
	if s.Ext.GoName != nil {
		about.Name = s.Ext.GoName.Text
	}
	return b.shape(b.conjoin(s, s), about)
}

// definedType is the type that a ref to a definition is.
func (b *builder) definedType(s *parse.Schema) *Type {
	if b.skipped[s] {
		b.problems.Add(s.Value, "leave out what refers to it too, or take x-dwp-skip away", "x-dwp-skip leaves out what is referred to")
		return &Type{Kind: JSON}
	}
	t := &Type{Kind: Named, Decl: b.define(s)}
	if b.open[s] {
		// It refers to itself, and whether it may be null is not known yet.
		b.waiting[s] = append(b.waiting[s], t)
		return t
	}
	return b.wrapNull(s, t)
}

func (b *builder) wrapNull(s *parse.Schema, t *Type) *Type {
	if b.nullable[s] {
		return &Type{Kind: Nullable, Elem: t}
	}
	return t
}

// placeName makes a name for a schema that is referred to where it stands
// inside another: of the nearest definition and the members on the way, or of
// the file that it is the root of.
func (b *builder) placeName(s *parse.Schema) string {
	var parts []string
	for v := s.Value; v.Parent() != nil; v = v.Parent() {
		switch token := v.Token(); token {
		case "properties", "$defs", "definitions", "allOf", "oneOf", "anyOf":
		case "items":
			parts = append(parts, "Item")
		case "additionalProperties":
			parts = append(parts, "Value")
		default:
			parts = append(parts, Exported(token))
		}
	}
	if len(parts) == 0 {
		name, _, _ := strings.Cut(path.Base(s.Value.File().Name), ".")
		return Exported(name)
	}
	slices.Reverse(parts)
	return strings.Join(parts, "")
}

// declare makes the declaration of a definition.
func (b *builder) declare(about About, s *parse.Schema) Decl {
	if t := soleRef(s); t != nil || b.isOther(s) {
		d := &Defined{About: about}
		b.add(s, d)
		if t != nil {
			if refersToItself(s) {
				b.problems.Add(s.Value, "let one of the refs stand in a member, an item or a branch", "the schema refers to itself and says nothing else")
				d.Type = &Type{Kind: JSON}
				return d
			}
			d.Type = b.resolve(t, b.placeName(t), about.Target)
			b.peelNull(s, d)
			return d
		}
		d.Type = b.shape(b.conjoin(s, s), about)
		b.peelNull(s, d)
		return d
	}
	t := b.shape(b.conjoin(s, s), about)
	if t.Kind == Nullable {
		b.nullable[s] = true
		t = t.Elem
	}
	about.Nullable = b.nullable[s]
	if t.Kind == Named && b.decls[s] == t.Decl {
		t.Decl.Info().Nullable = about.Nullable
		return t.Decl
	}
	d := &Defined{About: about, Type: t}
	b.add(s, d)
	return d
}

// refersToItself reports whether one ref after the other leads from a schema back to it.
func refersToItself(s *parse.Schema) bool {
	seen := map[*parse.Schema]bool{}
	for t := soleRef(s); t != nil && !seen[t]; t = soleRef(t) {
		if t == s {
			return true
		}
		seen[t] = true
	}
	return false
}

// peelNull moves the null of a definition's type to those who refer to it: a
// named pointer type could have no methods.
func (b *builder) peelNull(s *parse.Schema, d *Defined) {
	if d.Type.Kind == Nullable {
		b.nullable[s], d.Nullable = true, true
		d.Type = d.Type.Elem
	}
}

// seeThroughNames has every type that names a mere other name name what that stands for.
func (b *builder) seeThroughNames() {
	for _, d := range b.model.Decls {
		for _, t := range Uses(d) {
			for ; t != nil; t = t.Elem {
				for t.Kind == Named {
					other, ok := t.Decl.(*Defined)
					if !ok || other.Type == nil || other.Type.Kind != Named || other.Type.Decl == t.Decl {
						break
					}
					t.Decl = other.Type.Decl
				}
			}
		}
	}
}

// isOther reports whether a definition is neither struct nor enum nor union.
// Such a declaration has to exist before its type is resolved, because the
// type may contain the declaration.
func (b *builder) isOther(s *parse.Schema) bool {
	c := &conjunction{at: s}
	quiet := &builder{skipped: map[*parse.Schema]bool{}}
	quiet.expand(c, s, nil)
	for _, a := range c.atoms {
		if a.Enum != nil || a.Const != nil || len(a.OneOf) > 0 || len(a.AnyOf) > 0 ||
			len(a.Properties) > 0 || len(a.Required) > 0 || len(a.PrefixItems) > 0 || len(a.DependentRequired) > 0 {
			return false
		}
		if n := len(a.Types); n > 2 || n == 2 && !slices.Contains(a.Types, "null") {
			return false
		}
	}
	return true
}

// plainString is the type of what x-dwp-go-type says is a string.
func (b *builder) plainString(s *parse.Schema) *Type {
	t := &Type{Kind: String}
	c := b.conjoin(s, s)
	values, _ := b.values(c)
	for _, v := range values {
		if v.Kind != source.String {
			b.problems.Add(s.Ext.GoType, "remove x-dwp-go-type", "%s is not a string", v.JSON())
		}
		if v.Text == "" {
			return t
		}
	}
	if values != nil {
		one := 1
		t.Checks.MinLength = &one
	}
	return t
}

// shape gives what a value has to satisfy the shape of Go.
func (b *builder) shape(c *conjunction, about About) *Type {
	if c.loop {
		return &Type{Kind: JSON}
	}
	if c.never != nil {
		b.problems.Add(c.never.Value, "leave it out, or say what is valid", "no value satisfies false")
		return &Type{Kind: JSON}
	}
	if branches := c.pick(func(s *parse.Schema) bool { return len(s.OneOf) > 0 || len(s.AnyOf) > 0 }); len(branches) > 0 {
		return b.alternatives(c, branches, about)
	}
	types, stated := b.types(c)
	values, valued := b.values(c)
	if len(types) == 0 {
		return &Type{Kind: JSON}
	}
	if !stated && !valued {
		b.wantType(c)
		return &Type{Kind: JSON}
	}
	if valued {
		return b.valueType(c, types, values, about)
	}
	if everything(types) {
		b.wantType(c)
		return &Type{Kind: JSON}
	}
	if i := slices.Index(types, "null"); i >= 0 && len(types) > 1 {
		b.expectNull(c)
		t := b.shapeTypes(c, slices.Delete(slices.Clone(types), i, i+1), about)
		return nullable(t)
	}
	return b.shapeTypes(c, types, about)
}

// expectNull notes that a definition lets null pass before its type is resolved,
// which may refer to the definition.
func (b *builder) expectNull(c *conjunction) {
	if _, ok := b.definitions[c.at]; ok {
		b.nullable[c.at] = true
	}
}

func nullable(t *Type) *Type {
	if t.Kind == Nullable || t.Kind == NullOnly || t.Kind == JSON {
		return t
	}
	return &Type{Kind: Nullable, Elem: t}
}

func (b *builder) shapeTypes(c *conjunction, types []string, about About) *Type {
	if len(types) > 1 {
		return b.typeUnion(c, types, about)
	}
	b.stray(c, types[0])
	switch types[0] {
	case "null":
		return &Type{Kind: NullOnly}
	case "boolean":
		return &Type{Kind: Bool}
	case "integer":
		return b.integer(c)
	case "number":
		return b.float(c)
	case "string":
		return b.text(c)
	case "array":
		return b.array(c, about)
	}
	return b.object(c, about)
}

var allTypes = []string{"array", "boolean", "null", "number", "object", "string"}

func everything(types []string) bool {
	for _, t := range allTypes {
		if !slices.Contains(types, t) {
			return false
		}
	}
	return true
}

// types are the JSON types that a value may have, and whether any schema says so.
func (b *builder) types(c *conjunction) (types []string, stated bool) {
	types = allTypes
	var by *parse.Schema
	for _, a := range c.atoms {
		if len(a.Types) == 0 {
			continue
		}
		both := intersect(types, a.Types)
		if len(both) == 0 && by != nil {
			b.problems.Add(a.Keyword("type"), "no value is both", "the type %s contradicts %s, which says %s",
				strings.Join(a.Types, " or "), by.Keyword("type").Pointer(), strings.Join(types, " or "))
			return nil, true
		}
		types, by, stated = both, a, true
	}
	return types, stated
}

// intersect keeps what both lists allow; an integer is a number.
func intersect(a, b []string) []string {
	var out []string
	for _, t := range a {
		switch {
		case slices.Contains(b, t):
			out = append(out, t)
		case t == "integer" && slices.Contains(b, "number"), t == "number" && slices.Contains(b, "integer"):
			out = append(out, "integer")
		}
	}
	return out
}

// forType are the keywords that mean something for values of one type only.
var forType = map[string]string{
	"minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number", "multipleOf": "number", "x-dwp-unit": "integer",
	"minLength": "string", "maxLength": "string", "pattern": "string", "format": "string", "contentEncoding": "string",
	"items": "array", "prefixItems": "array", "minItems": "array", "maxItems": "array", "uniqueItems": "array",
	"properties": "object", "required": "object", "additionalProperties": "object", "unevaluatedProperties": "object",
	"patternProperties": "object", "propertyNames": "object", "minProperties": "object", "maxProperties": "object",
	"dependentRequired": "object", "dependencies": "object", "x-dwp-unknown": "object",
}

// wantType reports the keywords of a schema that names no type: they say
// something about the values of one type and let all others pass.
func (b *builder) wantType(c *conjunction) {
	for _, a := range c.atoms {
		for _, m := range a.Value.Members {
			if t := forType[m.Name]; t != "" && slices.Contains(constraining, m.Name) {
				b.problems.Add(m.Value, fmt.Sprintf(`add "type": %q`, t), "%s stands where any type is valid", m.Name)
				return
			}
		}
	}
}

// stray reports the keywords that mean nothing for a type.
func (b *builder) stray(c *conjunction, t string) {
	for _, a := range c.atoms {
		for _, m := range a.Value.Members {
			want := forType[m.Name]
			if want == "" || want == t || slices.Contains(a.Types, want) || want == "number" && t == "integer" || m.Name == "format" && (t == "integer" || t == "number") {
				continue
			}
			b.warnings.Add(m.Value, "remove it", "%s means nothing for the type %s", m.Name, t)
		}
	}
}
