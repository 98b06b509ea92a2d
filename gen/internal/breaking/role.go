package breaking

import (
	"maps"
	"slices"
	"strings"

	"github.com/xraph/dispatch/internal/jsonpointer"
)

// role is who writes a message that a schema is part of.
type role struct {
	client, server bool
	// nonMonotonic says that the schema is used somewhere where wider and narrower do not carry
	// over, such as below not.
	nonMonotonic bool
}

// roles returns who writes what the definitions of both versions describe. In
// a schema without methods and events both sides write everything.
func (c *comparison) roles() map[string]role {
	all := map[string]role{}
	for _, v := range []*version{c.old, c.new} {
		for name, r := range v.roles() {
			was := all[name]
			all[name] = role{was.client || r.client, was.server || r.server, was.nonMonotonic || r.nonMonotonic}
		}
	}
	return all
}

func (v *version) roles() map[string]role {
	all := map[string]role{}
	var visit func(p pointer, r role)
	visit = func(p pointer, r role) {
		was := all[p.String()]
		now := role{was.client || r.client, was.server || r.server, was.nonMonotonic || r.nonMonotonic}
		if schema, there := at(v.document, p); there && now != was {
			all[p.String()] = now
			references(schema, false, func(to pointer, nonMonotonic bool) {
				visit(to, role{r.client, r.server, r.nonMonotonic || nonMonotonic})
			})
		}
	}
	methods := v.document.object(pointer{"x-dwp-methods"})
	for _, name := range slices.Sorted(maps.Keys(methods)) {
		visit(pointer{"x-dwp-methods", name, "request"}, role{client: true})
		visit(pointer{"x-dwp-methods", name, "response"}, role{server: true})
	}
	events := false
	for _, p := range roots(v.document) {
		for _, name := range slices.Sorted(maps.Keys(v.document.object(p.to("x-dwp-events")))) {
			events = true
			visit(p.to("x-dwp-events", name, "payload"), role{server: true})
		}
	}
	if _, there := v.document["$ref"]; there { // what every message is wrapped in
		references(map[string]any{"$ref": v.document["$ref"]}, false, func(to pointer, _ bool) {
			visit(to, role{client: true, server: true})
		})
	}
	for _, p := range roots(v.document) {
		switch schema := v.document.object(p); {
		case len(methods) == 0 && !events:
			visit(p, role{client: true, server: true})
		case all[p.String()] != (role{}) || schema["x-dwp-target"] != "wire":
		case v.listsEvents(schema): // the envelope of events
			visit(p, role{server: true})
		default:
			visit(p, role{client: true, server: true})
		}
	}
	return all
}

// listsEvents reports whether a schema refers to the types of events, which only servers send.
func (v *version) listsEvents(schema any) (tells bool) {
	references(schema, false, func(to pointer, _ bool) {
		tells = tells || v.document.object(to)["x-dwp-events"] != nil
	})
	return tells
}

// unordered are the keywords below which a wider schema need not make the whole wider.
var unordered = []string{"not", "if", "oneOf"}

// references calls found with the definitions that a schema refers to.
func references(v any, nonMonotonic bool, found func(to pointer, nonMonotonic bool)) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			switch member := v[name]; {
			case name == "$ref":
				if to, ok := local(member); ok {
					found(to, nonMonotonic)
				}
			case strings.HasPrefix(name, "x-dwp-") || slices.Contains(annotations, name):
			default:
				references(member, nonMonotonic || slices.Contains(unordered, name), found)
			}
		}
	case []any:
		for _, item := range v {
			references(item, nonMonotonic, found)
		}
	}
}

// local returns the place that a reference within the document names.
func local(ref any) (pointer, bool) {
	s, _ := ref.(string)
	path, ok := strings.CutPrefix(s, "#/")
	if !ok {
		return nil, false
	}
	var p pointer
	for token := range strings.SplitSeq(path, "/") {
		p = append(p, jsonpointer.Unescape(token))
	}
	return p, true
}
