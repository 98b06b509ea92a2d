package model

// What the schema says of all members of an object is true of what is left of it only if nothing is
// dropped: members that the schema does not name, and members that have their zero default.

// keepMembers makes structs keep what is asserted of: by not, if and the like, by minProperties and
// maxProperties, by uniqueItems, and by the branches of an anyOf, several of which a value may
// satisfy. It runs when all declarations are complete.
func (b *builder) keepMembers() {
	if !b.doc.Exact {
		return
	}
	k := keeper{b: b, reached: map[Decl]bool{}, compared: map[[2]*Struct]bool{}}
	for _, d := range b.model.Decls {
		for _, t := range Uses(d) {
			k.unique(t)
		}
		if d.Info().Assertion > 0 {
			k.asserted(&Type{Kind: Named, Decl: d})
		}
		switch d := d.(type) {
		case *Struct:
			if d.Tuple && d.Checks.Unique {
				k.reachAll(d)
			}
			if !d.Tuple && (d.Checks.MinItems != nil || d.Checks.MaxItems != nil) {
				k.keep(d)
			}
			for _, dep := range d.Dependent {
				d.tell(dep.Member)
				for _, name := range dep.Requires {
					d.tell(name)
				}
			}
		case *Union:
			if d.Kind == Untagged && !d.Exclusive {
				k.overlaps(d)
			}
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
	compared map[[2]*Struct]bool
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
// its items. Assertions about what is further within may miss what is dropped there.
func (k *keeper) asserted(t *Type) {
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

// overlaps finds the variants of a union of which a value may be at once: it is read as one, which
// keeps the members of the others.
func (k *keeper) overlaps(u *Union) {
	for i, v := range u.Variants {
		for _, w := range u.Variants[:i] {
			k.compare(v.Type, w.Type)
		}
	}
}

// compare looks for members that one of two types names and the other drops.
func (k *keeper) compare(t, u *Type) {
	t, u = t.Underlying(), u.Underlying()
	if t.Elem != nil && u.Elem != nil {
		k.compare(t.Elem, u.Elem)
		return
	}
	s, o := t.Struct(), u.Struct()
	if s == nil || o == nil || s == o || s.Tuple || o.Tuple || k.compared[[2]*Struct{s, o}] || disjointMember(s, o) {
		return
	}
	k.compared[[2]*Struct{s, o}] = true
	for _, pair := range [][2]*Struct{{s, o}, {o, s}} {
		for _, f := range pair[0].Fields {
			if g := pair[1].field(f.JSON); g == nil {
				k.keepUnknown(pair[1])
			} else {
				k.compare(f.Type, g.Type)
			}
		}
	}
}
