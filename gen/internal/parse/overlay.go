package parse

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
	"github.com/xraph/dispatch/internal/jsonpointer"
)

// An overlay says of places in schemas what their authors did not: names in Go, what is left out,
// and what is not checked. So nobody has to change a copy of a schema.

// patch is what an overlay says of one place.
type patch struct {
	at     *source.Value // the entry in the overlay
	uri    string        // of the document, or its file; "" is the main one
	tokens []string      // the pointer

	name, skip *source.Value
	unchecked  []*source.Value

	place *source.Value // in the schema; nil until its document is read
}

// Directive is a name, or the order to leave something out, that an overlay gives.
type Directive struct {
	Place *source.Value // in the schema
	Value *source.Value // in the overlay
	Skip  bool
}

// CheckNames reads the overlay alone.
func (f Files) CheckNames() error {
	l := &loader{Files: f}
	if err := l.readOverlay(); err != nil {
		return err
	}
	return l.problems.Err()
}

// readOverlay reads the overlay, if there is one. An error is that of its file.
func (l *loader) readOverlay() error {
	if l.Names == "" {
		return nil
	}
	data, err := l.Read(l.Names)
	if err != nil {
		return err
	}
	file, err := source.Read(l.Names, data)
	if err != nil {
		return err
	}
	d := &document{loader: l, file: file}
	if file.Root.Kind != source.Object {
		l.problems.Add(file.Root, `write an object, such as {"/$defs/Name": {"name": "GoName"}}`, "the overlay is %s", file.Root.Kind)
		return nil
	}
	for _, m := range file.Root.Members {
		if p := d.patch(m); p != nil {
			l.overlay = append(l.overlay, p)
		}
	}
	return nil
}

// patch reads an entry of an overlay, nil if it makes no sense.
func (d *document) patch(m source.Member) *patch {
	p := &patch{at: m.Value}
	pointer := m.Name
	if pointer != "" && pointer[0] != '/' {
		uri, fragment, ok := strings.Cut(pointer, "#")
		if !ok || fragment != "" && fragment[0] != '/' {
			d.problems.Add(m.Value, `write "/$defs/Name" for a part of the first schema, or "FILE#/$defs/Name"`, "%s is not a JSON pointer", source.Quote(m.Name))
			return nil
		}
		p.uri, pointer = uri, fragment
	}
	if pointer != "" {
		for token := range strings.SplitSeq(pointer[1:], "/") {
			p.tokens = append(p.tokens, jsonpointer.Unescape(token))
		}
	}
	if !d.want(m.Value, source.Object) {
		return nil
	}
	for _, say := range m.Value.Members {
		switch say.Name {
		case "name":
			p.name = d.identifier(say.Value)
		case "skip":
			if d.want(say.Value, source.Bool) && !say.Value.True {
				d.problems.Add(say.Value, "write true, or remove it", "skip is false")
			}
			p.skip = say.Value
		case "unchecked":
			p.unchecked = d.uncheckable(say.Value)
		default:
			d.problems.Add(say.Value, "it has name, skip, unchecked", "an overlay has no member %s", source.Quote(say.Name))
		}
	}
	switch n := len(m.Value.Members); {
	case n == 0:
		d.problems.Add(m.Value, `add "name", "skip" or "unchecked", or remove it`, "the overlay says nothing of %s", source.Quote(m.Name))
	case p.skip != nil && n > 1:
		d.problems.Add(p.skip, "remove it, or the rest", "what is left out has neither a name nor a check")
	}
	return p
}

// applyTo finds the places of patches in a document, which other URIs may lead to.
func (l *loader) applyTo(d *document, uris ...string) {
	for _, p := range l.overlay {
		if p.place != nil || !l.isOf(p, d, uris) {
			continue
		}
		if p.place = d.file.Root.At(p.tokens...); p.place == nil {
			p.place = p.at // it is not looked for again
			if !l.Lenient {
				l.problems.Add(p.at, nearestPart(d.file.Root, p.tokens), "there is nothing at %s", source.Quote(p.at.Token()))
			}
			continue
		}
		if other := l.patches[p.place]; other != nil {
			l.problems.Add(p.at, "keep one of them", "%s is the place of %s too", source.Quote(p.at.Token()), source.Quote(other.at.Token()))
			continue
		}
		if p.skip != nil && p.place == d.file.Root {
			l.problems.Add(p.skip, "leave out its definitions, or members", "a whole document cannot be left out")
			continue
		}
		l.patches[p.place] = p
	}
}

// isOf reports whether a patch is of a document.
func (l *loader) isOf(p *patch, d *document, uris []string) bool {
	if p.uri == "" {
		return d == l.documents[0]
	}
	uri := strings.TrimSuffix(p.uri, "#")
	return uri == d.uri || slices.Contains(uris, uri) || l.mapped(uri) == d.file.Name ||
		absolute(filepath.Join(filepath.Dir(l.Names), filepath.FromSlash(uri))) == absolute(filepath.FromSlash(d.file.Name))
}

func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

// nearestPart says how far a pointer leads, and what is there.
func nearestPart(v *source.Value, tokens []string) string {
	for _, token := range tokens {
		next := v.At(token)
		if next != nil {
			v = next
			continue
		}
		hint := "the nearest part that is there is " + v.Pointer()
		if names := resembling(v, token); len(names) > 0 {
			hint += ", which has " + strings.Join(names, ", ")
		}
		return hint
	}
	return ""
}

// maxNames bounds how many names a hint lists.
const maxNames = 8

// resembling are the members of an object whose names are like another one, or all if they are few.
func resembling(v *source.Value, name string) []string {
	var like, all []string
	for _, m := range v.Members {
		all = append(all, source.Quote(m.Name))
		if max(len(m.Name)-len(name), len(name)-len(m.Name)) <= 2 && (strings.EqualFold(m.Name, name) || distance(m.Name, name) <= 2) {
			like = append(like, source.Quote(m.Name))
		}
	}
	switch {
	case len(like) > 0:
		return like[:min(len(like), maxNames)]
	case len(all) <= maxNames:
		return all
	}
	return nil
}

// named is the name that an overlay has for a place that is not a schema, such as an entry of the
// vocabulary. It is the reader's to use.
func (l *loader) named(v *source.Value) *source.Value {
	p := l.patches[v]
	if p == nil || p.name == nil {
		return nil
	}
	l.applied[p.name] = true
	return p.name
}

// directives are what the overlay says and is left to the model, and problems with the rest.
func (l *loader) directives() []Directive {
	var out []Directive
	for _, p := range l.overlay {
		switch {
		case p.place == nil:
			if !l.Lenient {
				var known []string
				for _, d := range l.documents {
					known = append(known, source.Quote(d.file.Name))
				}
				l.problems.Add(p.at, "schemas are "+strings.Join(known, ", "), "no schema that is read is %s", source.Quote(p.uri))
			}
			continue
		case l.patches[p.place] != p:
			continue // a problem is reported
		}
		if p.skip != nil {
			out = append(out, Directive{p.place, p.skip, true})
		}
		if p.name != nil && !l.applied[p.name] {
			out = append(out, Directive{p.place, p.name, false})
		}
		for _, name := range p.unchecked {
			if !l.applied[name] && !l.Lenient {
				l.problems.Add(name, "remove it", "there is no %s to leave unchecked at %s", name.Text, p.place.Pointer())
			}
		}
	}
	return out
}
