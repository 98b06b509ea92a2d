package parse

import (
	"embed"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
	"github.com/xraph/dispatch/internal/jsonpointer"
)

// How a reference is led to its schema. Nothing is fetched.

// metaSchemas are those of the dialects, which schemas of schemas refer to. Those of 2019-09 and
// 2020-12 are in one piece here, with static references.
//
//go:embed meta/*.json
var metaSchemas embed.FS

var metaFiles = map[string]string{
	"http://json-schema.org/draft-04/schema":       "meta/draft-04.json",
	"http://json-schema.org/draft-06/schema":       "meta/draft-06.json",
	"http://json-schema.org/draft-07/schema":       "meta/draft-07.json",
	"https://json-schema.org/draft/2019-09/schema": "meta/draft-2019-09.json",
	"https://json-schema.org/draft/2020-12/schema": "meta/draft-2020-12.json",
}

// link leads every $ref to its schema. Reading a target may bring new refs.
func (l *loader) link() {
	for len(l.pending) > 0 {
		p := l.pending[0]
		l.pending = l.pending[1:]
		r, fragment := l.locate(p.from.resourceOf(p.ref.Value), p.ref.Value)
		if r == nil {
			continue
		}
		v := r.find(fragment)
		if v == nil {
			l.problems.Add(p.ref.Value, "refer to a schema, as in #/$defs/Name", "there is nothing at %s", source.Quote(p.ref.Value.Text))
			continue
		}
		p.ref.Target = r.document.schema(v)
	}
}

// locate finds the resource of a reference and what follows its #.
func (l *loader) locate(from *resource, v *source.Value) (*resource, string) {
	uri, fragment, _ := strings.Cut(v.Text, "#")
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		l.problems.Add(v, "escape a percent sign as %25", "%s is not a URI reference", source.Quote(v.Text))
		return nil, ""
	}
	if uri == "" {
		return from, fragment
	}
	absolute, err := resolve(from.uri, uri)
	if err != nil {
		l.problems.Add(v, "escape a percent sign as %25", "%s is not a URI reference", source.Quote(v.Text))
		return nil, ""
	}
	if r := l.known(absolute, from); r != nil {
		return r, fragment
	}
	name, local := l.fileOf(from, uri)
	if !local {
		l.problems.Add(v, "copy the schema beside this one, or say with -map which file it is", "%s is not a local reference", source.Quote(v.Text))
		return nil, ""
	}
	_, known := l.byName[name]
	problems := len(l.problems)
	d := l.file(name)
	if d == nil && (known || len(l.problems) > problems) {
		return nil, "" // what is wrong with it is reported
	}
	if d == nil {
		l.problems.Add(v, "refer to a file relative to this one, or say with -map which file it is", "the file of %s cannot be read", source.Quote(v.Text))
		return nil, ""
	}
	l.alias(absolute, d)
	return d.resources[d.file.Root], fragment
}

// known is the resource of a URI among the documents that are read, mapped, built in, or beside
// the document that refers to it; nil if there is none.
func (l *loader) known(uri string, from *resource) *resource {
	if r := l.byURI[uri]; r != nil {
		return r
	}
	if name := l.mapped(uri); name != "" {
		if d := l.file(name); d != nil {
			l.alias(uri, d)
			return d.resources[d.file.Root]
		}
		return nil
	}
	if name := metaFiles[uri]; name != "" {
		text, err := metaSchemas.ReadFile(name)
		if err != nil {
			return nil
		}
		if d, _ := l.open(uri, text); d != nil {
			l.byURI[uri] = d.resources[d.file.Root]
			return l.byURI[uri]
		}
	}
	if name := l.beside(from.document.file.Name, uri); name != "" {
		if l.file(name) != nil {
			return l.byURI[uri]
		}
	}
	return nil
}

// alias notes that a URI leads to a document. It is the URI of one that has none of its own.
func (l *loader) alias(uri string, d *document) {
	root := d.resources[d.file.Root]
	l.aliases[uri], l.byURI[uri] = d, root
	if d.uri == "" {
		d.uri, root.uri = uri, uri
	}
	l.applyTo(d, uri)
}

// mapped is the file that a URI is mapped to: its own, or one in the directory that a URI which
// ends in a slash and begins it is mapped to.
func (l *loader) mapped(uri string) string {
	if name := l.Map[uri]; name != "" {
		return name
	}
	longest := ""
	for prefix := range l.Map {
		if strings.HasSuffix(prefix, "/") && strings.HasPrefix(uri, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	if longest == "" {
		return ""
	}
	return path.Join(l.Map[longest], strings.TrimPrefix(uri, longest))
}

// beside looks for a schema whose $id is a URI among the files of a document's directory and of
// the directories in it.
func (l *loader) beside(name, uri string) string {
	dir := path.Dir(name)
	if l.List == nil || !strings.Contains(uri, ":") || strings.HasPrefix(uri, scheme) {
		return ""
	}
	ids, listed := l.ids[dir]
	if !listed {
		ids = map[string]string{}
		for _, file := range slices.Concat(l.List(path.Join(dir, "*.json")), l.List(path.Join(dir, "*", "*.json"))) {
			if id := l.idOf(file); id != "" {
				ids[id] = file
			}
		}
		l.ids[dir] = ids
	}
	return ids[uri]
}

// idOf is the $id of a file, "" if it has none.
func (l *loader) idOf(name string) string {
	data, err := l.Read(name)
	if err != nil {
		return ""
	}
	file, err := source.Read(name, data)
	if err != nil {
		return ""
	}
	for _, keyword := range []string{"$id", "id"} {
		if id := file.Root.Member(keyword); id != nil {
			return strings.TrimSuffix(id.Text, "#")
		}
	}
	return ""
}

// fileOf is the name of the file that a reference leads to; local is false if it leads elsewhere.
func (l *loader) fileOf(from *resource, ref string) (name string, local bool) {
	if u, err := url.Parse(ref); err != nil || u.Scheme != "" || u.Host != "" {
		return "", false
	}
	if ref, err := url.PathUnescape(ref); err == nil {
		return path.Join(path.Dir(from.document.file.Name), ref), true
	}
	return "", false
}

// file reads a file once; nil if it cannot be read.
func (l *loader) file(name string) *document {
	if d, opened := l.byName[name]; opened {
		return d
	}
	data, err := l.Read(name)
	if err != nil {
		l.byName[name] = nil
		return nil
	}
	d, err := l.open(name, data)
	if problems, ok := err.(source.Problems); ok { //nolint:errorlint // open wraps nothing
		l.problems = append(l.problems, problems...)
	}
	return d
}

// find returns what a fragment, a JSON pointer or the name of an anchor, leads to.
func (r *resource) find(fragment string) *source.Value {
	if fragment == "" {
		return r.root
	}
	if pointer, ok := strings.CutPrefix(fragment, "/"); ok {
		tokens := strings.Split(pointer, "/")
		for i := range tokens {
			tokens[i] = jsonpointer.Unescape(tokens[i])
		}
		return r.root.At(tokens...)
	}
	r.document.schema(r.document.file.Root)
	return r.anchors[fragment]
}
