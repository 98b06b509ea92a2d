package model

import (
	"slices"
	"strconv"

	"github.com/xraph/dispatch/gen/internal/source"
)

// discriminate finds, for every union, how the variant of a value is known. It
// runs when all declarations are complete.
func (b *builder) discriminate() {
	for _, u := range b.unions {
		b.flatten(u)
	}
	for _, u := range b.unions {
		for _, v := range u.Variants {
			v.JSONTypes = v.types()
			v.Required = requiredOf(v.Type)
		}
		switch {
		case len(u.Variants) == 0: // all are refused
		case slices.ContainsFunc(u.Variants, func(v *Variant) bool { return v.Type.Underlying().Union() != nil && v.Type.Underlying().Union() != u }):
			u.Kind = Ambiguous // an interface can have no methods
		case b.findTag(u):
			u.Kind = Tagged
		case b.distinct(u):
			u.Kind = Untagged
			u.orderVariants()
		default:
			u.Kind = Ambiguous
		}
		for i, v := range u.Variants {
			b.nameVariant(u, v, i)
		}
	}
}

// maxVariants bounds what a union may come to when the unions among its branches are opened:
// every level can double it.
const maxVariants = 2000

// flatten replaces variants that are unions themselves by their variants.
func (b *builder) flatten(u *Union) {
	flat := b.expanded(u, nil)
	if len(flat) > maxVariants {
		b.problems.Add(u.Value, "move some of them into a member", "the alternatives and those among them have more than %d branches", maxVariants)
		flat = flat[:maxVariants]
	}
	seen := map[Decl]*Variant{}
	u.Variants = slices.DeleteFunc(flat, func(v *Variant) bool {
		if v.Type.Kind != Named {
			return false
		}
		other := seen[v.Type.Decl]
		if other != nil && u.Exclusive {
			b.problems.Add(v.Value, "keep one of them, because no value is valid for exactly one", "the branch is that at %s again", other.Value.Pointer())
		}
		seen[v.Type.Decl] = v
		return other != nil
	})
}

// reaches reports whether a union is among the alternatives of another one, at any depth.
func reaches(from, to *Union, asked map[*Union]bool) bool {
	if from == to || asked[from] {
		return from == to
	}
	asked[from] = true
	return slices.ContainsFunc(from.Variants, func(v *Variant) bool {
		inner := v.Type.Underlying().Union()
		return inner != nil && reaches(inner, to, asked)
	})
}

// opens reports whether the variants of a union within another one can stand for it: a value is
// valid for as many of them as for it, and nothing else is asserted.
func opens(u, inner *Union) bool {
	if inner.Assertion != 0 {
		return false
	}
	if !u.Exclusive && !inner.Exclusive {
		return true
	}
	for i, v := range inner.Variants {
		for _, w := range inner.Variants[:i] {
			if !disjointVariants(v, w) {
				return false
			}
		}
	}
	return true
}

// disjointVariants reports whether no value can be of two variants.
func disjointVariants(v, w *Variant) bool {
	s, t := v.Type.Underlying().Struct(), w.Type.Underlying().Struct()
	if s != nil && t != nil && disjointMember(s, t) {
		return true
	}
	return disjoint(fixedValues(v.Type), fixedValues(w.Type)) || len(commonTypes(v.types(), w.types())) == 0
}

// expanded lists the variants of a union and of those among them. path leads to it.
func (b *builder) expanded(u *Union, path []*Union) []*Variant {
	path = append(path, u)
	var flat []*Variant
	for _, v := range u.Variants {
		inner := v.Type.Underlying().Union()
		switch {
		case slices.Contains(path, inner):
			b.problems.Add(v.Value, "remove the branch", "a branch refers to the alternatives that it is one of")
		case inner != nil && reaches(inner, u, map[*Union]bool{}):
			b.problems.Add(v.Value, "remove the branch", "a branch refers to the alternatives that it is one of")
		case inner == nil, !opens(u, inner):
			opened := *v
			flat = append(flat, &opened)
		case len(flat) <= maxVariants:
			flat = append(flat, b.expanded(inner, path)...)
		}
	}
	return flat
}

func requiredOf(t *Type) []string {
	s := t.Underlying().Struct()
	if s == nil || s.Tuple {
		return nil
	}
	var out []string
	for _, f := range s.Fields {
		if f.Required {
			out = append(out, f.JSON)
		}
	}
	return out
}

// findTag looks for a required member that every variant has, with values that
// no other variant has.
func (b *builder) findTag(u *Union) bool {
	first := u.Variants[0].Type.Underlying().Struct()
	if first == nil || first.Tuple {
		return false
	}
	for _, f := range first.Fields {
		tags, ok := tagsOf(u, f.JSON)
		if !ok {
			continue
		}
		u.Tag = f.JSON
		for i, v := range u.Variants {
			v.Tags = tags[i]
		}
		return true
	}
	return false
}

func tagsOf(u *Union, member string) (tags [][]*source.Value, ok bool) {
	seen := map[string]bool{}
	kind := source.Null
	for _, v := range u.Variants {
		s := v.Type.Underlying().Struct()
		if s == nil || s.Tuple {
			return nil, false
		}
		f := s.field(member)
		if f == nil || !f.Required {
			return nil, false
		}
		values := fixedValues(f.Type)
		if len(values) == 0 {
			return nil, false
		}
		for _, value := range values {
			if kind == source.Null {
				kind = value.Kind
			}
			text := value.JSON()
			if seen[text] || value.Kind != kind || kind != source.String {
				return nil, false
			}
			seen[text] = true
		}
		tags = append(tags, values)
	}
	return tags, true
}

// fixedValues are the values that a type has if they are few and known.
func fixedValues(t *Type) []*source.Value {
	t = t.Underlying()
	if t.Checks.Const != nil {
		return []*source.Value{t.Checks.Const}
	}
	e := t.Enum()
	if e == nil || e.Open {
		return nil
	}
	var out []*source.Value
	for _, v := range e.Values {
		out = append(out, v.Value)
	}
	return out
}

// distinct reports whether types and required members distinguish every two variants
// apart, and warns of those that they do not.
func (b *builder) distinct(u *Union) bool {
	for i, v := range u.Variants {
		for _, w := range u.Variants[:i] {
			if !apart(v, w) {
				b.warnings.Add(v.Value, "give each a required member with a const of its own",
					"no rule tells this branch of %s from that at %s, so the type keeps the JSON", u.Name, w.Value.Pointer())
				return false
			}
		}
	}
	return true
}

func apart(v, w *Variant) bool {
	common := commonTypes(v.JSONTypes, w.JSONTypes)
	switch {
	case len(common) == 0:
		return true
	case slices.Equal(common, []string{"object"}) && v.Type.Underlying().Struct() != nil && w.Type.Underlying().Struct() != nil:
		return !sameSet(v.Required, w.Required) || disjointMember(v.Type.Underlying().Struct(), w.Type.Underlying().Struct())
	case slices.Equal(common, []string{"string"}):
		return disjoint(fixedValues(v.Type), fixedValues(w.Type))
	}
	return false
}

// disjointMember reports whether two structs require a member of which they have no value in
// common.
func disjointMember(s, t *Struct) bool {
	return slices.ContainsFunc(s.Fields, func(f *Field) bool {
		g := t.field(f.JSON)
		return f.Required && g != nil && g.Required && disjoint(fixedValues(f.Type), fixedValues(g.Type))
	})
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// disjoint reports whether two lists of the only values that there are have none in common.
func disjoint(a, b []*source.Value) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	for _, x := range a {
		for _, y := range b {
			if sameValue(x, y) {
				return false
			}
		}
	}
	return true
}

// orderVariants puts those with the most required members first; the schema's order decides between
// equals.
func (u *Union) orderVariants() {
	slices.SortStableFunc(u.Variants, func(v, w *Variant) int { return len(w.Required) - len(v.Required) })
}

// nameVariant names a variant; in an interface it makes a declaration of a type that has none.
func (b *builder) nameVariant(u *Union, v *Variant, i int) {
	if v.Type.Kind == Named {
		v.Name = v.Type.Decl.Info().Name
		return
	}
	title := "Object"
	switch {
	case v.Others != nil:
		title = "Other"
	case len(v.JSONTypes) == 1:
		title = typeTitles[v.JSONTypes[0]]
	}
	v.Name = u.Name + title
	taken := func() bool {
		return u.Sealed() && b.taken[v.Name] || slices.ContainsFunc(u.Variants, func(w *Variant) bool { return w != v && w.Name == v.Name })
	}
	for n := i + 1; taken(); n++ {
		v.Name = u.Name + title + strconv.Itoa(n)
	}
	if !u.Sealed() {
		return
	}
	about := About{Name: v.Name, Target: u.Target, Value: v.Value, Synthetic: v.Value.Kind != source.Object || v.Others != nil}
	if v.Value.Kind != source.Object {
		about.Value = u.Value
	}
	d := &Defined{About: about, Type: v.Type}
	b.model.Decls = append(b.model.Decls, d)
	b.taken[v.Name] = true
	v.Type = &Type{Kind: Named, Decl: d}
}

// commonTypes are the JSON types of the first list that values of the second may have too.
func commonTypes(v, w []string) []string {
	var common []string
	for _, t := range v {
		if slices.Contains(w, t) || t == "integer" && slices.Contains(w, "number") || t == "number" && slices.Contains(w, "integer") {
			common = append(common, t)
		}
	}
	return common
}

// types are the JSON types of a variant's values.
func (v *Variant) types() []string {
	if v.Others != nil {
		return v.Others
	}
	return jsonTypes(v.Type)
}
