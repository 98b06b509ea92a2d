package parse

import (
	"net/url"
	"os"
	"strings"

	"github.com/xraph/dispatch/gen/internal/source"
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
	InferType bool
	// Others are the roots of the further schemas that were asked for.
	Others []*Schema
	Files  []*source.File // the schema's own file first
	// Portable are the texts of all files, for a validator, by the URIs that lead to them: those of
	// [Address] are among them.
	Portable   map[string]string
	Vocabulary Vocabulary
	// Directives are the names and omissions that the overlay asks for. Those of schemas are in
	// their extensions too.
	Directives []Directive
	// Lenient passes over directives that say nothing of the Go.
	Lenient bool
	// Annotations are the keywords of no dialect, which have no meaning here.
	Annotations source.Problems
}

// Files is where schemas and what they refer to are read from.
type Files struct {
	// Read reads a file; nil is os.ReadFile.
	Read func(name string) ([]byte, error)
	// List returns the names of the files of a pattern, as path.Match has them. With it a URI leads
	// to the file with that $id in the directory of the schema that refers to it, or in a directory
	// within that one. By default no file is looked for.
	List func(pattern string) []string
	// Map has the files of URIs. A URI that ends in a slash stands for all that it begins, and
	// has a directory.
	Map map[string]string
	// Others are schemas that are read beside the main one, and whose definitions are the
	// document's too.
	Others []string
	// Names is the file of an overlay, "" if there is none. It has an object with an entry for each
	// place, under a JSON pointer, or a file or URI and # and a pointer.
	Names string
	// Lenient passes over what the overlay says of places that do not exist.
	Lenient bool
}

// Load reads the schema file called name and, by relative $ref, the files
// beside it. readFile reads them; nil is os.ReadFile. The error is
// source.Problems, everything that is wrong at once, unless a file cannot be read.
func Load(name string, readFile func(name string) ([]byte, error)) (*Document, error) {
	return Files{Read: readFile}.Load(name)
}

// Load is the function Load for files that lie elsewhere too.
func (f Files) Load(name string) (*Document, error) {
	if f.Read == nil {
		f.Read = os.ReadFile
	}
	l := &loader{
		Files: f, schemas: map[*source.Value]*Schema{},
		byName: map[string]*document{}, byURI: map[string]*resource{}, ids: map[string]map[string]string{}, aliases: map[string]*document{},
		patches: map[*source.Value]*patch{}, applied: map[*source.Value]bool{},
	}
	if err := l.readOverlay(); err != nil {
		return nil, err
	}
	var opened []*document
	for _, name := range append([]string{name}, f.Others...) {
		data, err := f.Read(name)
		if err != nil {
			return nil, err
		}
		d, err := l.open(name, data)
		if err != nil {
			return nil, err
		}
		opened = append(opened, d)
	}
	main := opened[0]
	doc := &Document{Root: main.schema(main.file.Root), Lenient: f.Lenient}
	for _, d := range opened[1:] {
		doc.Others = append(doc.Others, d.schema(d.file.Root))
	}
	doc.Vocabulary = main.vocabulary()
	l.link()
	doc.Directives = l.directives()
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	if err := l.checkMeta(main); err != nil {
		return nil, err
	}
	doc.Portable = l.portable()
	for _, d := range l.documents {
		doc.Files = append(doc.Files, d.file)
	}
	doc.Annotations = l.annotations.Sorted()
	return doc, nil
}

// loader reads the files of one schema and links their refs.
type loader struct {
	Files

	documents   []*document
	byName      map[string]*document // nil for a file that cannot be read
	byURI       map[string]*resource
	aliases     map[string]*document         // documents by other URIs that lead to them
	ids         map[string]map[string]string // files by their $id, by directory
	schemas     map[*source.Value]*Schema
	pending     []pendingRef
	overlay     []*patch
	patches     map[*source.Value]*patch // by their places
	applied     map[*source.Value]bool   // what patches say and was used here
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
	defer l.applyTo(d)
	d.resources = map[*source.Value]*resource{}
	l.byURI[address(name)] = d.begin(file.Root, address(name))
	if id := file.Root.Member(d.dialect.idKeyword()); id != nil && id.Kind == source.String {
		uri := strings.TrimSuffix(id.Text, "#")
		if !isURI(uri) {
			l.problems.Add(id, "write a URI without a fragment", "%s is not the URI of a document", source.Quote(id.Text))
			return d, nil
		}
		if uri, err = resolve(address(name), uri); err == nil && uri != address(name) {
			l.byURI[address(name)] = d.begin(file.Root, uri)
			d.uri = uri
		}
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
