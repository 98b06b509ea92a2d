package parse

import (
	"errors"
	"io"
	"path"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/gen/internal/source"
)

// checkMeta validates the schema documents themselves with jsonschema: what this
// package's own reader accepts must be a schema for other tools too.
func (l *loader) checkMeta(main *document) error {
	c := jsonschema.NewCompiler()
	c.LoadURL = func(url string) (io.ReadCloser, error) {
		return nil, errors.New("not a local schema: " + url)
	}
	drafts := map[Dialect]*jsonschema.Draft{
		Draft2020: jsonschema.Draft2020, Draft2019: jsonschema.Draft2019, Draft7: jsonschema.Draft7,
		Draft6: jsonschema.Draft6, Draft4: jsonschema.Draft4,
	}
	c.Draft = drafts[main.dialect]
	for uri, text := range l.portable() {
		if err := c.AddResource(uri, strings.NewReader(text)); err != nil {
			return err
		}
	}
	_, err := c.Compile(address(main.file.Name))
	if err == nil {
		return nil
	}
	var problems source.Problems
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		l.leaves(main, invalid, &problems)
	}
	if len(problems) == 0 {
		// Its message names the addresses that are made up here.
		cause := err
		if e := (*jsonschema.SchemaError)(nil); errors.As(err, &e) {
			cause = e.Err
		}
		message := strings.TrimPrefix(strings.ReplaceAll(cause.Error(), address(main.file.Name), ""), "jsonschema: ")
		problems.Add(main.file.Root, "the reason is that of santhosh-tekuri/jsonschema", "this is not a valid schema: %s", message)
	}
	return problems.Err()
}

// skips reports whether the overlay leaves a schema out.
func (l *loader) skips(v *source.Value) bool {
	p := l.patches[v]
	return p != nil && p.skip != nil && l.schemas[v] != nil
}

// portable are the texts of all documents, for a validator, by the URIs that lead to them.
func (l *loader) portable() map[string]string {
	uris := map[*document][]string{}
	for uri, d := range l.aliases {
		uris[d] = append(uris[d], uri)
	}
	texts := map[string]string{}
	for _, d := range l.documents {
		known := append([]string{address(d.file.Name), d.uri}, uris[d]...)
		if metaFiles[d.file.Name] != "" {
			known = []string{d.file.Name}
		}
		text := portableWithout(d.file.Root, l.skips)
		for _, uri := range known {
			if uri != "" {
				texts[uri] = text
			}
		}
	}
	return texts
}

// scheme begins the URLs of files.
const scheme = "dwpgen://"

// Address is a file's name as the URI under which [Document.Portable] has its text. A built-in
// meta-schema has its own.
func Address(name string) string {
	if metaFiles[name] != "" {
		return name
	}
	return address(name)
}

// address is a document's name as a URL under which relative references lead to
// the right names, those that climb above the working directory too.
func address(name string) string {
	if path.IsAbs(name) {
		return scheme + path.Clean(name)
	}
	return scheme + path.Join("/"+strings.Repeat("d/", 64), name)
}

// leaves reports the innermost causes, which say what is wrong where.
func (l *loader) leaves(main *document, e *jsonschema.ValidationError, problems *source.Problems) {
	for _, cause := range e.Causes {
		l.leaves(main, cause, problems)
	}
	if len(e.Causes) > 0 {
		return
	}
	at := main.resources[main.file.Root].find(strings.TrimPrefix(e.InstanceLocation, "#"))
	if at == nil {
		at = main.file.Root
	}
	problems.Add(at, "see the dialect's meta-schema", "%s", e.Message)
}
