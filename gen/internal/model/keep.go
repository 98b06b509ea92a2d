package model

import "github.com/xraph/dispatch/gen/internal/parse"

// What the schema says of all members of an object is true of what is left of it only if nothing is
// dropped: members that the schema does not name, and members that have their zero default.

// keepMembers makes structs keep what is asserted of: by not, if and the like, by minProperties and
// maxProperties, by uniqueItems, and by the branches of an anyOf, several of which a value may
// satisfy. It runs when all declarations are complete.
func (b *builder) keepMembers() {
	k := keeper{b: b, reached: map[Decl]bool{}, compared: map[comparison]bool{}}
	for _, d := range b.model.Decls {
		if u, ok := d.(*Union); ok && u.Kind == Untagged && !u.Exclusive {
			k.overlaps(u)
		}
		if !b.doc.Exact {
			continue
		}
		for _, t := range Uses(d) {
			k.unique(t)
		}
		if n := d.Info().Assertion; n > 0 {
			k.asserted(&Type{Kind: Named, Decl: d}, b.asserted.schemas[n-1])
		}
		if s, ok := d.(*Struct); ok {
			k.members(s)
		}
	}
}

// members keeps those that are counted and that others depend on.
func (k *keeper) members(s *Struct) {
	if s.Tuple && s.Checks.Unique {
		k.reachAll(s)
	}
	if !s.Tuple && (s.Checks.MinItems != nil || s.Checks.MaxItems != nil) {
		k.keep(s)
	}
	for _, dep := range s.Dependent {
		s.tell(dep.Member)
		for _, name := range dep.Requires {
			s.tell(name)
		}
	}
}

// tell makes a field tell an absent member from one that has its default.
func (s *Struct) tell(member string) {
	if f := s.field(member); f != nil {
		f.tells = true
	}
}

type keeper struct {
	b        *builder
	reached  map[Decl]bool
	compared map[comparison]bool
}

// keep makes a struct keep all members.
func (k *keeper) keep(s *Struct) {
	for _, f := range s.Fields {
		f.tells = true
	}
	k.keepUnknown(s)
}

func (k *keeper) keepUnknown(s *Struct) {
	switch {
	case s.Tuple || s.Unknown != Ignore:
	case s.ignores != nil:
		k.b.warnings.Add(s.ignores, "remove it", "members are dropped of which other keywords say something")
		s.ignores = nil // once is enough
	default:
		s.setUnknown("keep")
	}
}

// asserted makes an object keep the members that an assertion may speak of, and an array those of
// its items. Further within, it keeps those that the assertion describes.
func (k *keeper) asserted(t *Type, by *parse.Schema) {
	k.describe(by, t)
	switch t = t.Underlying(); {
	case t.Struct() != nil:
		k.keep(t.Struct())
	case t.Kind == List && t.Elem.Underlying().Struct() != nil:
		k.keep(t.Elem.Underlying().Struct())
	}
}

// unique makes the items of lists keep all that tells them apart.
func (k *keeper) unique(t *Type) {
	for ; t != nil; t = t.Elem {
		if t.Checks.Unique {
			k.reach(t.Elem)
		}
	}
}

// reach keeps all members in the values of a type.
func (k *keeper) reach(t *Type) {
	for t != nil && t.Elem != nil {
		t = t.Elem
	}
	if t == nil || t.Decl == nil || k.reached[t.Decl] {
		return
	}
	k.reached[t.Decl] = true
	if s := t.Struct(); s != nil {
		k.keep(s)
	}
	k.reachAll(t.Decl)
}

func (k *keeper) reachAll(d Decl) {
	for _, t := range Uses(d) {
		k.reach(t)
	}
}
