package breaking

import (
	"maps"
	"slices"
	"strings"
)

// compareProtocol compares what the vocabulary says at the root, and the events.
func (c *comparison) compareProtocol() {
	c.compareMethods()
	for keyword, gone := range map[string]Finding{
		"x-dwp-errors":   compatible("an unknown code clientKeepsUnknown"),
		"x-dwp-scopes":   compatible("the methods say what they want"),
		"x-dwp-channels": breaks("the new server refuses the subscription"),
	} {
		c.compareNamed(pointer{keyword}, gone)
	}
	for _, root := range roots(c.old.document) {
		if len(root) == 2 { // a definition
			c.compareNamed(root.to("x-dwp-events"), breaks("the new server never sends it"))
		}
	}
	slices.SortStableFunc(c.changes, func(a, b Change) int { return strings.Compare(a.Pointer, b.Pointer) })
}

// compareNamed compares a table of names: gone is what it does to an old client if one goes.
func (c *comparison) compareNamed(p pointer, gone Finding) {
	before, after := c.old.document.object(p), c.new.document.object(p)
	for _, name := range keys(before, after) {
		was, had := before[name]
		is, has := after[name]
		e := edit{p.to(name), p.to(name), is}
		switch {
		// a payload is compared as a schema
		case had && has && same(without(was, "payload"), without(is, "payload")):
		case had && has:
			c.add(e, "what is said of it changes", compatible("its name stays"), compatible("its name stays"))
		case had && !has:
			e.to = nothing{}
			c.add(e, "it is gone", gone, compatible("the new client does not know it"))
		case has && !had:
			if len(before) == 0 {
				e.set, e.to = p, map[string]any{name: is}
			}
			c.add(e, "it is new", compatible("the old client does not know it"), compatible("an old server does without it"))
		}
	}
}

// without returns an object less one member.
func without(v any, name string) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	c := maps.Clone(object)
	delete(c, name)
	return c
}

// compareMethods compares the methods, a renamed one recognized by all the rest being the same.
func (c *comparison) compareMethods() {
	root := pointer{"x-dwp-methods"}
	before, after := c.old.document.object(root), c.new.document.object(root)
	renamed := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[name]; stays || !served(before[name]) {
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(after)) {
			if _, was := before[other]; !was && same(before[name], after[other]) {
				renamed[name] = other
			}
		}
	}
	newNames := slices.Collect(maps.Values(renamed))
	for _, name := range keys(before, after) {
		p := root.to(name)
		was, is := before[name], after[name]
		e := edit{p, p, is}
		switch {
		case renamed[name] != "":
			c.changes = append(c.changes, Change{
				Pointer: p.String(), What: "the method is renamed to " + renamed[name],
				OldClient: breaks("the new server answers %s with 405", name),
				NewClient: breaks("an old server answers %s with 405", renamed[name]),
				Go:        c.source(edit{p, root, renameKey(before, name, renamed[name])}),
			})
		case slices.Contains(newNames, name):
		case served(was) && served(is):
			c.compareMethod(p, was.(map[string]any), is.(map[string]any))
		case served(was):
			if is == nil {
				e.to = nothing{}
			}
			c.add(e, "the method is gone", breaks("the new server answers it with 405"), compatible("the new client does not call it"))
		case served(is):
			c.add(e, "the method is new", compatible("the old client does not call it"), compatible("an old server answers it with 405, which the caller is told"))
		case !same(was, is):
			if is == nil {
				e.to = nothing{}
			}
			c.add(e, "the name of a method that nobody serves changes", compatible("it is answered with 405"), compatible("it is answered with 405"))
		}
	}
}

// served reports whether servers implement a method.
func served(method any) bool {
	m, ok := method.(map[string]any)
	return ok && m["status"] == nil
}

func renameKey(methods map[string]any, from, to string) map[string]any {
	renamed := maps.Clone(methods)
	renamed[to] = renamed[from]
	delete(renamed, from)
	return renamed
}

// compareMethod compares what is said of a method that stays.
func (c *comparison) compareMethod(p pointer, old, new map[string]any) {
	for _, keyword := range keys(old, new) {
		before, was := old[keyword]
		after, is := new[keyword]
		if was && is && same(before, after) {
			continue
		}
		if !was {
			before = nothing{}
		}
		if !is {
			after = nothing{}
		}
		place := p.to(keyword)
		e := edit{place, place, after}
		what := becomes(before, after)
		switch keyword {
		case "request", "response":
			if was && is {
				continue // compared as a schema
			}
			c.add(e, what, data(keyword, is, "the new server"), data(keyword, was, "an old server"))
		case "idempotency":
			c.add(e, what, repeats(before, after, "the old client", "the new server"), repeats(after, before, "the new client", "an old server"))
		case "blocking":
			f := compatible("the client keeps the connection free needlessly")
			waits := breaks("the client calls it on a connection that others share, and all of them wait")
			if after == true {
				c.add(e, what, waits, f)
			} else {
				c.add(e, what, f, waits)
			}
		case "scope":
			c.add(e, what, scope(after), scope(before))
		default: // go, args, result, session, description
			f := compatible("it is not on the wire")
			c.add(e, what, f, f)
		}
	}
}

// data is what happens where only one side has data to write or to read.
func data(keyword string, wanted bool, server string) Finding {
	if keyword == "request" && wanted {
		return breaks("%s wants data that the client does not send", server)
	}
	if keyword == "response" && !wanted {
		return breaks("%s sends no data, which the client wants", server)
	}
	return compatible("data that is not wanted is ignored")
}

// repeats is what happens where the client goes by one idempotency and the server by another.
func repeats(clients, servers any, client, server string) Finding {
	if clients != "unsafe" && servers == "unsafe" {
		return breaks("%s repeats by itself what %s does twice then", client, server)
	}
	return compatible("what is repeated may be repeated")
}

// scope is what happens to the other version's tokens.
func scope(wanted any) Finding {
	if wanted == (nothing{}) {
		return compatible("no scope is wanted")
	}
	return breaks("a token without the scope %s is refused with 403", text(wanted))
}
