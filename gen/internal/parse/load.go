package parse

import (
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
	"github.com/xraph/dispatch/internal/jsonpointer"
)

// Document is a schema file with everything that its refs lead to.
type Document struct {
	Root     *Schema
	RootName string // what the type of Root is called; "": by rule
	// what happens to unknown members where the schema does not say: "ignore", which "" is too,
	// "keep" or "reject"
	Unknown string
	// Exact types tell an absent member from every value that the schema allows.
	Exact bool
	// Annotate makes annotations of format and contentEncoding, which assert nothing then.
	Annotate bool
	// a schema without a type is of the one that its keywords say something of
	InferType  bool
	Files      []*source.File // the schema's own file first
	Vocabulary Vocabulary
	// Annotations are the keywords of no dialect, which have no meaning here.
	Annotations source.Problems
}

// Load reads the schema file called name and, by relative $ref, the files
// beside it. readFile reads them; nil is os.ReadFile. The error is
// source.Problems, everything that is wrong at once, unless a file cannot be read.
func Load(name string, readFile func(name string) ([]byte, error)) (*Document, error) {
	if readFile == nil {
		readFile = os.ReadFile
	}
	l := &loader{
		readFile: readFile, schemas: map[*source.Value]*Schema{},
		byName: map[string]*document{}, byID: map[string]*document{},
	}
	data, err := readFile(name)
	if err != nil {
		return nil, err
	}
	main, err := l.open(name, data)
	if err != nil {
		return nil, err
	}
	doc := &Document{Root: main.schema(main.file.Root)}
	doc.Vocabulary = main.vocabulary()
	l.link()
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	if err := l.checkMeta(main); err != nil {
		return nil, err
	}
	for _, d := range l.documents {
		doc.Files = append(doc.Files, d.file)
	}
	doc.Annotations = l.annotations.Sorted()
	return doc, nil
}

// loader reads the files of one schema and links their refs.
type loader struct {
	readFile    func(string) ([]byte, error)
	documents   []*document
	byName      map[string]*document // nil for a file that cannot be read
	byID        map[string]*document
	schemas     map[*source.Value]*Schema
	pending     []pendingRef
	problems    source.Problems
	annotations source.Problems
}

type pendingRef struct {
	from *document
	ref  *Ref
}

func (l *loader) open(name string, data []byte) (*document, error) {
	l.byName[name] = nil
	file, err := source.Read(name, data)
	if err != nil {
		return nil, err
	}
	d := &document{loader: l, file: file, dialect: l.dialect(file.Root)}
	l.documents = append(l.documents, d)
	l.byName[name] = d
	keyword := "$id"
	if d.dialect == Draft4 {
		keyword = "id"
	}
	if id := file.Root.Member(keyword); id != nil && id.Kind == source.String {
		uri := strings.TrimSuffix(id.Text, "#")
		if !isURI(uri) {
			l.problems.Add(id, "write a URI without a fragment", "%s is not the URI of a document", source.Quote(id.Text))
			return d, nil
		}
		d.uri = uri
		l.byID[uri] = d
	}
	return d, nil
}

// isURI reports whether a text is a URI without a fragment.
func isURI(text string) bool {
	_, err := url.Parse(text)
	return err == nil && !strings.Contains(text, "#")
}

func (d *document) ref(v *source.Value) *Ref {
	ref := &Ref{Value: v}
	if d.want(v, source.String) {
		d.pending = append(d.pending, pendingRef{d, ref})
	}
	return ref
}

// link leads every $ref to its schema. Reading a target may bring new refs.
func (l *loader) link() {
	for len(l.pending) > 0 {
		p := l.pending[0]
		l.pending = l.pending[1:]
		d, fragment := l.locate(p.from, p.ref.Value)
		if d == nil {
			continue
		}
		v := d.find(fragment)
		if v == nil {
			l.problems.Add(p.ref.Value, "refer to a schema, as in #/$defs/Name", "there is nothing at %s", source.Quote(p.ref.Value.Text))
			continue
		}
		p.ref.Target = d.schema(v)
	}
}

// locate finds the document of a reference and what follows its #.
func (l *loader) locate(from *document, v *source.Value) (*document, string) {
	file, fragment, _ := strings.Cut(v.Text, "#")
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		l.problems.Add(v, "escape a percent sign as %25", "%s is not a URI reference", source.Quote(v.Text))
		return nil, ""
	}
	if file == "" {
		return from, fragment
	}
	if d := l.byID[file]; d != nil {
		return d, fragment
	}
	if base, err := url.Parse(from.uri); err == nil && from.uri != "" {
		if ref, err := url.Parse(file); err == nil {
			if d := l.byID[base.ResolveReference(ref).String()]; d != nil {
				return d, fragment
			}
		}
	}
	if u, err := url.Parse(file); err != nil || u.Scheme != "" || u.Host != "" {
		l.problems.Add(v, "copy the schema beside this one and refer to it as a relative file", "%s is not a local reference", source.Quote(v.Text))
		return nil, ""
	}
	name := path.Join(path.Dir(from.file.Name), file)
	if d, opened := l.byName[name]; opened {
		return d, fragment
	}
	data, err := l.readFile(name)
	if err != nil {
		l.byName[name] = nil
		l.problems.Add(v, "refer to a file relative to this one", "the file of %s cannot be read", source.Quote(v.Text))
		return nil, ""
	}
	d, err := l.open(name, data)
	if problems, ok := err.(source.Problems); ok { //nolint:errorlint // open wraps nothing
		l.problems = append(l.problems, problems...)
	}
	return d, fragment
}

// find returns what a fragment, a JSON pointer or the name of an anchor, leads to.
func (d *document) find(fragment string) *source.Value {
	if fragment == "" {
		return d.file.Root
	}
	if pointer, ok := strings.CutPrefix(fragment, "/"); ok {
		tokens := strings.Split(pointer, "/")
		for i := range tokens {
			tokens[i] = jsonpointer.Unescape(tokens[i])
		}
		return d.file.Root.At(tokens...)
	}
	d.schema(d.file.Root)
	return d.anchors[fragment]
}
