package breaking

import (
	"fmt"
	"slices"
	"strconv"
)

// edit is one change, and how to make it alone: the old document becomes nearly the new one
// by setting the value at a place.
type edit struct {
	at  pointer // what is reported
	set pointer // what is set, mostly the same
	to  any     // nothing{} removes it
}

// compareSchemas walks the definitions and what methods hold themselves.
func (c *comparison) compareSchemas() {
	w := walker{comparison: c, roles: c.roles()}
	places := append(roots(c.old.document), roots(c.new.document)...)
	seen := map[string]bool{}
	for _, root := range places {
		if seen[root.String()] {
			continue
		}
		seen[root.String()] = true
		before, was := at(c.old.document, root)
		after, is := at(c.new.document, root)
		w.root, w.role = root, w.roles[root.String()]
		switch {
		case was && is:
			w.schema(root, before, after, w.role.nonMonotonic)
		case len(root) > 2: // reported with the method or the event
		case was:
			w.note(edit{root, root, nothing{}}, "the definition is gone", "no message has the shape of its own name")
		default:
			w.note(edit{root, root, after}, "the definition is new", "no message has the shape of its own name")
		}
	}
}

// walker compares the two versions of one root.
type walker struct {
	*comparison
	roles map[string]role
	root  pointer
	role  role
}

// annotations change no document.
var annotations = []string{"title", "description", "examples", "default", "deprecated", "$comment", "readOnly", "writeOnly"}

// schema compares two schemas at one place. Odd is a place where wider and narrower do not carry
// over to the root.
func (w *walker) schema(p pointer, before, after any, nonMonotonic bool) {
	old, wasObject := before.(map[string]any)
	new, isObject := after.(map[string]any)
	if !wasObject || !isObject {
		if !same(before, after) {
			w.structure(edit{p, p, after}, becomes(before, after), relation{why: "one schema becomes another"})
		}
		return
	}
	if disjoint(old, new) {
		w.structure(edit{p, p, after}, fmt.Sprintf("the type %s becomes %s", short(old["type"]), short(new["type"])), relation{why: "the types are others"})
		return
	}
	if !same(old["$ref"], new["$ref"]) && !w.sameTarget(old["$ref"], new["$ref"]) {
		w.structure(edit{p, p, after}, becomes(before, after), relation{why: "one schema becomes another"})
		return
	}
	nonMonotonic = nonMonotonic || unevaluated(old) || unevaluated(new)
	for _, keyword := range keys(old, new) {
		before, was := old[keyword]
		after, is := new[keyword]
		if was && is && same(before, after) {
			continue
		}
		place := p.to(keyword)
		nonMonotonic := nonMonotonic || slices.Contains(unordered, keyword)
		switch keyword {
		case "properties", "patternProperties", "dependentSchemas":
			w.members(p, keyword, old, new, nonMonotonic)
		case "required":
			w.list(place, stringsOf(before), stringsOf(after), nonMonotonic, requiredRelation)
		case "enum":
			if was && is {
				w.values(place, old, new, nonMonotonic)
				continue
			}
			r := relate(keyword, orNothing(before, was), orNothing(after, is))
			r.clientKeepsUnknown = keepsUnknown(old) && keepsUnknown(new)
			w.structure(edit{place, place, orNothing(after, is)}, becomes(orNothing(before, was), orNothing(after, is)), r.unless(nonMonotonic))
		case "x-dwp-events": // compared as a part of the protocol
		case "x-dwp-unit":
			w.unit(place, orNothing(before, was), orNothing(after, is))
		case "items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else",
			"unevaluatedProperties", "unevaluatedItems", "additionalItems", "contentSchema":
			if was && is {
				w.schema(place, before, after, nonMonotonic)
				continue
			}
			w.keyword(place, before, was, after, is, nonMonotonic)
		case "allOf", "anyOf", "oneOf", "prefixItems":
			oldBranches, _ := before.([]any)
			newBranches, _ := after.([]any)
			if len(oldBranches) == len(newBranches) {
				for i := range oldBranches {
					w.schema(place.to(strconv.Itoa(i)), oldBranches[i], newBranches[i], nonMonotonic)
				}
				continue
			}
			w.keyword(place, before, was, after, is, nonMonotonic)
		case "$defs", "definitions": // below the root each is compared as a part of it
			w.members(p, keyword, old, new, nonMonotonic)
		default:
			w.keyword(place, before, was, after, is, nonMonotonic)
		}
	}
}

// keyword reports a keyword that changes as a whole.
func (w *walker) keyword(p pointer, before any, was bool, after any, is bool, nonMonotonic bool) {
	before, after = orNothing(before, was), orNothing(after, is)
	name := p[len(p)-1]
	what := becomes(before, after)
	e := edit{p, p, after}
	if slices.Contains(annotations, name) {
		w.note(e, what, "it changes no document")
		return
	}
	if name == "$ref" {
		w.note(e, what, "both say the same")
		return
	}
	w.structure(e, what, relate(name, before, after).unless(nonMonotonic))
}

// sameTarget reports whether a reference leads to the same schema as before, under another name.
func (w *walker) sameTarget(before, after any) bool {
	from, okFrom := local(before)
	to, okTo := local(after)
	if !okFrom || !okTo {
		return false
	}
	old, was := at(w.old.document, from)
	new, is := at(w.new.document, to)
	return was && is && same(old, new)
}

// unit reports a length of time that is counted in another unit: no document
// shows it, and every one means something else.
func (w *walker) unit(p pointer, before, after any) {
	e := edit{p, p, after}
	what := becomes(before, after)
	if before == (nothing{}) || after == (nothing{}) {
		w.note(e, what, "it changes no document")
		return
	}
	w.add(e, what, breaks("the same number is another length of time"), breaks("the same number is another length of time"))
}

func orNothing(v any, there bool) any {
	if !there {
		return nothing{}
	}
	return v
}

// disjoint reports whether no value has a type of both schemas.
func disjoint(old, new map[string]any) bool {
	if old["type"] == nil || new["type"] == nil {
		return false
	}
	before, after := typeList(old["type"]), typeList(new["type"])
	number := func(list []string) bool { return slices.Contains(list, "number") || slices.Contains(list, "integer") }
	return !slices.ContainsFunc(before, func(s string) bool { return slices.Contains(after, s) }) &&
		(!number(before) || !number(after))
}

// unevaluated reports whether a schema depends on what other keywords leave, which makes wider and
// narrower hard to tell.
func unevaluated(s map[string]any) bool {
	return s["unevaluatedProperties"] != nil || s["unevaluatedItems"] != nil
}

// members compares what is named under a keyword: properties, mostly.
func (w *walker) members(p pointer, keyword string, old, new map[string]any, nonMonotonic bool) {
	before, _ := old[keyword].(map[string]any)
	after, _ := new[keyword].(map[string]any)
	for _, name := range keys(before, after) {
		was, had := before[name]
		is, has := after[name]
		place := p.to(keyword, name)
		if had && has {
			w.schema(place, was, is, nonMonotonic)
			continue
		}
		set, value := place, is
		if len(before) == 0 { // the keyword itself is new
			set, value = p.to(keyword), map[string]any{name: is}
		}
		what := "the member is new"
		r := memberRelation(old, new, true)
		if had {
			what, value, r = "the member is gone", nothing{}, memberRelation(old, new, false)
		}
		if keyword != "properties" {
			r = relation{why: "it concerns members by their names' pattern or by others'"}
		}
		w.structure(edit{place, set, value}, what, r.unless(nonMonotonic))
	}
}

// list reports each name that a list of names gains or loses.
func (w *walker) list(p pointer, before, after []string, nonMonotonic bool, relate func(added bool) relation) {
	for _, name := range before {
		if !slices.Contains(after, name) {
			rest := slices.DeleteFunc(slices.Clone(before), func(s string) bool { return s == name })
			w.structure(edit{p, p, anyList(rest)}, fmt.Sprintf("%q is no longer %s", name, p[len(p)-1]), relate(false).unless(nonMonotonic))
		}
	}
	for _, name := range after {
		if !slices.Contains(before, name) {
			w.structure(edit{p, p, anyList(append(slices.Clone(before), name))}, fmt.Sprintf("%q is %s", name, p[len(p)-1]), relate(true).unless(nonMonotonic))
		}
	}
}

// values reports each value that an enum gains or loses.
func (w *walker) values(p pointer, before, after map[string]any, nonMonotonic bool) {
	old, _ := before["enum"].([]any)
	new, _ := after["enum"].([]any)
	has := func(list []any, v any) bool {
		return slices.ContainsFunc(list, func(other any) bool { return same(v, other) })
	}
	changed := false
	for _, v := range old {
		if !has(new, v) {
			changed = true
			rest := slices.DeleteFunc(slices.Clone(old), func(other any) bool { return same(v, other) })
			w.structure(edit{p, p, rest}, short(v)+" is gone", enumRelation(before, after, false).unless(nonMonotonic))
		}
	}
	for _, v := range new {
		if !has(old, v) {
			changed = true
			w.structure(edit{p, p, append(slices.Clone(old), v)}, short(v)+" is new", enumRelation(before, after, true).unless(nonMonotonic))
		}
	}
	if !changed {
		w.note(edit{p, p, new}, "the values stand in another order", "it changes no document")
	}
}

func anyList(names []string) []any {
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = name
	}
	return list
}

func becomes(before, after any) string { return short(before) + " becomes " + short(after) }

// short writes a value for a report, cut where it gets long.
func short(v any) string {
	s := []rune(text(v))
	if len(s) > 60 {
		return string(s[:57]) + "..."
	}
	return string(s)
}
