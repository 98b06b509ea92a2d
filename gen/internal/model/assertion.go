package model

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/xraph/dispatch/codec/validate"
	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// What a Go type cannot express is asserted at run time: its declaration has the number of a schema
// that documents and values are held to, in the form that package validate reads.

// demands are what a conjunction asserts beside its Go type: all of it, or some keywords of some of
// its schemas.
type demands struct {
	roots []*parse.Schema // all of it
	whole bool
	parts []*parse.Schema
}

func (d *demands) none() bool { return !d.whole && len(d.parts) == 0 }

// assert adds a part of a schema to what is asserted.
func (d *demands) assert(part *parse.Schema) { d.parts = append(d.parts, part) }

// assertKeywords collects the keywords that no Go type expresses.
func (b *builder) assertKeywords(c *conjunction) {
	for _, a := range c.atoms {
		part := &parse.Schema{
			Value: a.Value, Not: a.Not, If: a.If, Then: a.Then, Else: a.Else,
			Contains: a.Contains, MinContains: a.MinContains, MaxContains: a.MaxContains, DependentSchemas: a.DependentSchemas,
		}
		if a.If == nil {
			part.Then, part.Else = nil, nil
		}
		if part.Not != nil || part.If != nil || part.Contains != nil || len(part.DependentSchemas) > 0 {
			c.demands.assert(part)
		}
		if a.UnevaluatedItems != nil || a.UnevaluatedProperties != nil && (a != c.at || !b.evaluatedByMembers(c)) {
			c.demands.whole = true
		}
	}
}

// evaluatedByMembers reports whether the members that unevaluatedProperties leaves out are those
// that the schemas of a conjunction name, whatever the value.
func (b *builder) evaluatedByMembers(c *conjunction) bool {
	return !slices.ContainsFunc(c.atoms, func(a *parse.Schema) bool {
		return a.If != nil || len(a.DependentSchemas) > 0 || len(a.PatternProperties) > 0 || len(a.OneOf) > 0 || len(a.AnyOf) > 0 ||
			a != c.at && a.AdditionalProperties != nil
	})
}

// asserted is the schema of what a conjunction asserts.
func (c *conjunction) asserted() *parse.Schema {
	all := c.demands.parts
	if c.demands.whole {
		all = c.demands.roots
	}
	if len(all) == 1 {
		return all[0]
	}
	return &parse.Schema{Value: c.at.Value, AllOf: all}
}

// hold gives the type of a conjunction what it asserts: a type that has no declaration gets one.
func (b *builder) hold(c *conjunction, t *Type, about About) *Type {
	if c.demands.none() {
		return t
	}
	null := t.Kind == Nullable || t.Kind == NullOnly
	if null && !b.allows(c.asserted(), nullValue) {
		delete(b.nullable, c.at)
		null = false
		if t = t.Elem; t == nil { // null alone, which is not allowed
			t = &Type{Kind: JSON}
		}
	}
	if t.Kind == NullOnly {
		return t
	}
	if null {
		t = t.Elem
	}
	n := b.numbered(c.asserted())
	if endless(c.asserted(), map[*parse.Schema]bool{}) {
		b.problems.Add(c.at.Value, "move one of the refs into a member or an item", "what is asserted of a value refers to itself")
	}
	own := b.decls[c.at]
	d, unfinished := own.(*Defined)
	unfinished = unfinished && d.Type == nil
	switch {
	case unfinished:
		d.Assertion = n
	case t.Kind == Named && t.Decl == own:
		own.Info().Assertion = n
	default:
		if t.Kind == Named { // it is that of another schema, whose values need not be valid here
			n = b.numbered(&parse.Schema{Value: c.at.Value, AllOf: c.demands.roots})
			t = &Type{Kind: JSON}
		}
		about.Assertion = n
		d := &Defined{About: about, Type: t}
		b.add(c.at, d)
		t = &Type{Kind: Named, Decl: d}
	}
	if null {
		return &Type{Kind: Nullable, Elem: t}
	}
	return t
}

// endless reports whether a schema applies to a value again and again. asked has those that are
// being asked, and false for those that have been.
func endless(s *parse.Schema, asked map[*parse.Schema]bool) bool {
	if s == nil || s.Always != nil {
		return false
	}
	if open, known := asked[s]; known {
		return open
	}
	asked[s] = true
	found := slices.ContainsFunc(applied(s), func(of *parse.Schema) bool { return endless(of, asked) })
	asked[s] = false
	return found
}

// applied are the schemas that apply to a value because a schema does.
func applied(s *parse.Schema) []*parse.Schema {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*parse.Schema{s.Not, s.If, s.Then, s.Else})
	if s.Ref != nil {
		all = append(all, s.Ref.Target)
	}
	for _, d := range s.DependentSchemas {
		all = append(all, d.Schema)
	}
	return all
}

// nullValue is null in no file.
var nullValue = &source.Value{Kind: source.Null}

// allows reports whether a schema allows a value.
func (b *builder) allows(s *parse.Schema, v *source.Value) bool {
	w := &schemaWriter{annotate: b.doc.Annotate, numbers: map[*parse.Schema]int{}}
	n := w.number(s)
	return validate.NewSchemas(w.text()).Check(n, []byte(v.JSON())) == nil
}

// numbered is the number of a schema among those of the model, counted from 1.
func (b *builder) numbered(s *parse.Schema) int { return b.asserted.number(s) + 1 }

// schemaWriter writes schemas in the form that package validate reads.
type schemaWriter struct {
	annotate bool // formats and encodings
	numbers  map[*parse.Schema]int
	schemas  []*parse.Schema // by their numbers
	texts    []string
}

// text is the list of all schemas.
func (w *schemaWriter) text() string { return "[" + strings.Join(w.texts, ",\n") + "]" }

// number is the number of a schema, which is written when it is first asked for.
func (w *schemaWriter) number(s *parse.Schema) int {
	if n, ok := w.numbers[s]; ok {
		return n
	}
	n := len(w.texts)
	w.numbers[s] = n
	w.schemas = append(w.schemas, s)
	w.texts = append(w.texts, "")
	w.texts[n] = w.schema(s)
	return n
}

// object is a JSON object that is being written.
type object struct{ b strings.Builder }

func (o *object) add(name, value string) {
	if o.b.Len() > 0 {
		o.b.WriteByte(',')
	}
	o.b.WriteString(source.Quote(name) + ":" + value)
}

func (o *object) value(name string, v *source.Value) {
	if v != nil {
		o.add(name, v.JSON())
	}
}

func (o *object) text() string { return "{" + o.b.String() + "}" }

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and integers
	}
	return string(text)
}

// schema is the text of a schema, which has the number of another one where it refers to it.
func (w *schemaWriter) schema(s *parse.Schema) string {
	if s.Always != nil {
		return toJSON(*s.Always)
	}
	o := &object{}
	if s.Ref != nil && s.Ref.Target != nil {
		o.add("$ref", toJSON(w.number(s.Ref.Target)))
	}
	w.scalars(o, s)
	for _, k := range []struct {
		name string
		list []*parse.Schema
	}{{"allOf", s.AllOf}, {"anyOf", s.AnyOf}, {"oneOf", s.OneOf}, {"prefixItems", s.PrefixItems}} {
		if len(k.list) > 0 {
			texts := make([]string, len(k.list))
			for i, branch := range k.list {
				texts[i] = w.schema(branch)
			}
			o.add(k.name, "["+strings.Join(texts, ",")+"]")
		}
	}
	for _, k := range []struct {
		name   string
		schema *parse.Schema
	}{
		{"not", s.Not},
		{"if", s.If},
		{"then", s.Then},
		{"else", s.Else},
		{"items", s.Items},
		{"contains", s.Contains},
		{"unevaluatedItems", s.UnevaluatedItems},
		{"additionalProperties", s.AdditionalProperties},
		{"propertyNames", s.PropertyNames},
		{"unevaluatedProperties", s.UnevaluatedProperties},
	} {
		if k.schema != nil {
			o.add(k.name, w.schema(k.schema))
		}
	}
	for _, k := range []struct {
		name  string
		named []parse.Named
	}{{"properties", s.Properties}, {"patternProperties", s.PatternProperties}, {"dependentSchemas", s.DependentSchemas}} {
		if len(k.named) > 0 {
			members := &object{}
			for _, n := range k.named {
				name := n.Name
				if k.name == "patternProperties" {
					name = re2(name)
				}
				members.add(name, w.schema(n.Schema))
			}
			o.add(k.name, members.text())
		}
	}
	return o.text()
}

// scalars writes the keywords that hold no schemas.
func (w *schemaWriter) scalars(o *object, s *parse.Schema) {
	if len(s.Types) > 0 {
		o.add("type", toJSON(s.Types))
	}
	values := s.Enum
	if s.Const != nil {
		if values != nil { // both hold
			values = slices.DeleteFunc(slices.Clone(values), func(v *source.Value) bool { return !sameValue(v, s.Const) })
		} else {
			values = []*source.Value{s.Const}
		}
	}
	if values != nil {
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = v.JSON()
		}
		o.add("enum", "["+strings.Join(texts, ",")+"]")
	}
	for _, k := range []struct {
		name  string
		value *source.Value
	}{
		{"minimum", s.Minimum},
		{"maximum", s.Maximum},
		{"exclusiveMinimum", s.ExclusiveMinimum},
		{"exclusiveMaximum", s.ExclusiveMaximum},
		{"multipleOf", s.MultipleOf},
	} {
		o.value(k.name, k.value)
	}
	if s.Pattern != nil {
		o.add("pattern", source.Quote(re2(s.Pattern.Text)))
	}
	switch {
	case w.annotate:
	case s.ContentEncoding == "base64" || s.Format == "byte":
		o.add("format", `"base64"`)
	case formats[s.Format] || s.Format == "date-time":
		o.add("format", toJSON(s.Format))
	}
	for _, k := range []struct {
		name  string
		count *parse.Count
	}{
		{"minLength", s.MinLength},
		{"maxLength", s.MaxLength},
		{"minItems", s.MinItems},
		{"maxItems", s.MaxItems},
		{"minContains", s.MinContains},
		{"maxContains", s.MaxContains},
		{"minProperties", s.MinProperties},
		{"maxProperties", s.MaxProperties},
	} {
		if k.count != nil {
			o.add(k.name, toJSON(k.count.N))
		}
	}
	if s.UniqueItems {
		o.add("uniqueItems", "true")
	}
	if len(s.Required) > 0 {
		o.add("required", toJSON(texts(s.Required)))
	}
	if len(s.DependentRequired) > 0 {
		members := &object{}
		for _, d := range s.DependentRequired {
			members.add(d.Name, toJSON(texts(d.Requires)))
		}
		o.add("dependentRequired", members.text())
	}
}

func texts(values []*source.Value) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.Text
	}
	return out
}
