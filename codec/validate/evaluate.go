package validate

import (
	"slices"
	"strconv"
)

// evaluation holds a document to a schema.
type evaluation struct {
	list  []*schema
	found Violations
	// quiet is above 0 within a schema that need not hold.
	quiet int
}

// evaluated are the members and items of a value that schemas have applied to, which are those that
// unevaluatedProperties and unevaluatedItems leave out.
type evaluated struct {
	members map[string]bool
	items   map[int]bool
}

func (e *evaluated) member(name string) {
	if e.members == nil {
		e.members = map[string]bool{}
	}
	e.members[name] = true
}

func (e *evaluated) item(i int) {
	if e.items == nil {
		e.items = map[int]bool{}
	}
	e.items[i] = true
}

func (e *evaluated) add(other *evaluated) {
	for name := range other.members {
		e.member(name)
	}
	for i := range other.items {
		e.item(i)
	}
}

// place is where a value is in the document: a member's name or an index, and what leads there.
type place struct {
	step   any
	within *place
}

func (p *place) path() []any {
	var path []any
	for ; p != nil; p = p.within {
		path = append(path, p.step)
	}
	slices.Reverse(path)
	return path
}

// demand notes a violation unless ok is true, and returns ok.
func (e *evaluation) demand(ok bool, at *place, keyword, detail string) bool {
	if !ok && e.quiet == 0 {
		e.found.Add(keyword, detail, at.path()...)
	}
	return ok
}

// holds is valid without noting what is not.
func (e *evaluation) holds(s *schema, value any, seen *evaluated) bool {
	e.quiet++
	defer func() { e.quiet-- }()
	return e.valid(s, value, nil, seen)
}

// valid reports whether a schema allows a value, and adds what it evaluated to seen, unless that is
// nil.
func (e *evaluation) valid(s *schema, value any, at *place, seen *evaluated) bool {
	if s.always != nil {
		return e.demand(*s.always, at, "false", "is not allowed")
	}
	own := &evaluated{}
	ok := e.scalar(s, value, at)
	ok = e.applicators(s, value, at, own) && ok
	switch value := value.(type) {
	case map[string]any:
		ok = e.object(s, value, at, own) && ok
	case []any:
		ok = e.array(s, value, at, own) && ok
	}
	if ok && seen != nil {
		seen.add(own)
	}
	return ok
}

// applicators evaluates the schemas that apply to the value itself.
func (e *evaluation) applicators(s *schema, value any, at *place, own *evaluated) bool {
	ok := true
	if s.Ref != nil {
		ok = e.valid(e.list[*s.Ref], value, at, own)
	}
	for _, branch := range s.AllOf {
		ok = e.valid(branch, value, at, own) && ok
	}
	if s.AnyOf != nil {
		n := e.branches(s.AnyOf, value, own)
		ok = e.demand(n > 0, at, "anyOf", "none of the alternatives is valid") && ok
	}
	if s.OneOf != nil {
		n := e.branches(s.OneOf, value, own)
		ok = e.demand(n == 1, at, "oneOf", strconv.Itoa(n)+" of the alternatives are valid, not one") && ok
	}
	if s.Not != nil {
		ok = e.demand(!e.holds(s.Not, value, nil), at, "not", "is what the schema rules out") && ok
	}
	if s.If != nil {
		then := s.Then
		if !e.holds(s.If, value, own) {
			then = s.Else
		}
		if then != nil {
			ok = e.valid(then, value, at, own) && ok
		}
	}
	return ok
}

// branches counts the schemas that allow a value.
func (e *evaluation) branches(list []*schema, value any, own *evaluated) int {
	n := 0
	for _, s := range list {
		if e.holds(s, value, own) {
			n++
		}
	}
	return n
}
