package parse

import (
	"net/url"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
)

// resource is a schema with a URI of its own: a document, or a schema within one that has an $id.
// References are resolved against it, and its anchors are its own.
type resource struct {
	document *document
	root     *source.Value
	uri      string // absolute; a document without an $id has that of its file
	anchors  map[string]*source.Value
}

// idKeyword is what names a schema in a dialect.
func (d Dialect) idKeyword() string {
	if d == Draft4 {
		return "id"
	}
	return "$id"
}

// identify reads what gives a schema a name of its own: $anchor, and $id or id, which is that too
// in old drafts when it is a fragment.
func (d *document) identify(s *Schema) {
	id := s.Value.Member(d.dialect.idKeyword())
	alone := d.dialect.refStandsAlone() && s.Value.Member("$ref") != nil // and the id is ignored
	if id != nil && !alone && d.want(id, source.String) && s.Value != d.file.Root {
		d.identified(s.Value, id)
	}
	if a := s.Value.Member("$anchor"); a != nil && d.dialect <= Draft2019 && d.want(a, source.String) {
		d.anchor(d.resourceOf(s.Value), a, a.Text)
	}
}

// identified begins a resource at a schema with an $id, or gives it an anchor.
func (d *document) identified(v, id *source.Value) {
	uri, name, isAnchor := strings.Cut(id.Text, "#")
	around := d.resourceOf(v.Parent())
	if uri != "" {
		resolved, err := resolve(around.uri, uri)
		if err != nil {
			d.problems.Add(id, "write a URI without a fragment", "%s is not the URI of a document", source.Quote(id.Text))
			return
		}
		around = d.begin(v, resolved)
	}
	if isAnchor && name != "" {
		if d.dialect < Draft7 {
			d.problems.Add(id, "write a URI without a fragment", "%s is not the URI of a document", source.Quote(id.Text))
			return
		}
		d.anchor(around, id, name)
	}
}

// begin begins a resource.
func (d *document) begin(root *source.Value, uri string) *resource {
	r := &resource{document: d, root: root, uri: uri, anchors: map[string]*source.Value{}}
	d.resources[root] = r
	if other := d.byURI[uri]; other != nil && other.root != root {
		d.problems.Add(root, "rename one of them", "the URI %s is that of %s too", source.Quote(uri), other.root.Position())
		return r
	}
	d.byURI[uri] = r
	return r
}

// resourceOf is the resource that a value is in.
func (d *document) resourceOf(v *source.Value) *resource {
	for ; v.Parent() != nil; v = v.Parent() {
		if r := d.resources[v]; r != nil {
			return r
		}
	}
	return d.resources[d.file.Root]
}

func (d *document) anchor(r *resource, v *source.Value, name string) {
	if other := r.anchors[name]; other != nil && other != v.Parent() {
		d.problems.Add(v, "rename one of them", "the anchor %s is that of %s too", name, other.Pointer())
		return
	}
	r.anchors[name] = v.Parent()
}

// resolve is a reference as seen from a base. URNs have no relative references.
func resolve(base, ref string) (string, error) {
	r, err := url.Parse(ref)
	if err != nil || r.IsAbs() {
		return ref, err
	}
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	return b.ResolveReference(r).String(), nil
}
