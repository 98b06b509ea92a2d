// Package gen turns a JSON Schema with the x-dwp-* vocabulary into Go: it reads
// the schema (internal/parse), gives it the shape of Go (internal/model) and
// prints it (internal/emit). Command dwpgen is a thin shell around it.
package gen

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/xraph/dispatch/gen/internal/emit"
	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/gen/internal/source"
)

// Type is a generated type and where it comes from.
type Type struct {
	Name    string // the Go name
	Schema  string // the name of its definition, "" for a type that is nested in another
	Pointer string // the JSON pointer of its schema
	File    string // of its schema
	// Nullable says that the schema allows null too, which is not a value
	// of the type but a nil pointer to it.
	Nullable bool
}

// Generate makes the files that cfg asks for. It writes nothing. The error reports everything that
// is wrong with the schema at once: its text has a line for each problem, with file, line, column
// and JSON pointer. Equal schemas give equal bytes. It may be called concurrently.
func Generate(cfg Config) (*Output, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	m, notes, err := load(cfg)
	if err != nil {
		return nil, err
	}
	if err := onlyTypes(m, cfg.Target); err != nil {
		return nil, err
	}
	if err := collisions(m, cfg); err != nil {
		return nil, err
	}
	files, err := emit.Files(m, emit.Config{Target: emit.Target(cfg.Target), Package: cfg.Package, Schema: displayName(cfg.Schema)})
	if err != nil {
		return nil, err
	}
	out := &Output{Notes: notes}
	if err := out.addFiles(cfg.Out, files); err != nil {
		return nil, err
	}
	for _, o := range m.Skipped {
		out.Skipped = append(out.Skipped, o.Value.Pointer()+": "+o.Reason)
	}
	if emit.Target(cfg.Target) == emit.Types {
		for _, d := range m.Decls {
			if d.Info().Synthetic {
				continue
			}
			out.Types = append(out.Types, Type{d.Info().Name, d.Info().Schema, d.Info().Pointer(), d.Info().Value.File().Name, d.Info().Nullable})
		}
	}
	return out, nil
}

// onlyTypes reports what is asserted beside types if the target is not Types: clients and servers
// leave what is valid to their peers.
func onlyTypes(m *model.Model, target Target) error {
	if target == Types {
		return nil
	}
	var problems source.Problems
	for _, d := range m.Decls {
		if d.Info().Assertion != 0 {
			problems.Add(d.Info().Value, "describe it by types, or generate the target types", "the schema says more than a Go type, which the target %s does not check", target)
		}
	}
	return problems.Err()
}

// load reads a schema and builds its model.
func load(cfg Config) (*model.Model, []string, error) {
	files := parse.Files{Read: readFile, List: listFiles, Map: map[string]string{}, Names: filepath.ToSlash(cfg.Names)}
	for uri, name := range cfg.Map {
		files.Map[uri] = filepath.ToSlash(name)
	}
	for _, name := range cfg.Others {
		files.Others = append(files.Others, filepath.ToSlash(name))
	}
	doc, err := files.Load(filepath.ToSlash(cfg.Schema))
	if err != nil {
		return nil, nil, err
	}
	if cfg.Strict && len(doc.Annotations) > 0 {
		refused := slices.Clone(doc.Annotations)
		for i := range refused {
			refused[i].Hint = "remove it, or allow keywords of no dialect"
		}
		return nil, nil, refused
	}
	doc.Exact, doc.Annotate = cfg.Target == Types, cfg.Formats == Annotate
	doc.RootName, doc.Unknown, doc.InferType = cfg.Root, string(cfg.Unknown), cfg.InferType
	m, err := model.Build(doc)
	if err != nil {
		return nil, nil, err
	}
	var notes []string
	for _, list := range []source.Problems{doc.Annotations, m.Warnings} {
		for _, p := range list {
			notes = append(notes, p.Error())
		}
	}
	return m, notes, nil
}

// listFiles returns the names that match a pattern. A directory that cannot be read has none.
func listFiles(pattern string) []string {
	names, err := filepath.Glob(filepath.FromSlash(pattern))
	if err != nil {
		return nil
	}
	for i := range names {
		names[i] = filepath.ToSlash(names[i])
	}
	return names
}

func readFile(name string) ([]byte, error) { return os.ReadFile(filepath.FromSlash(name)) }

// displayName is the schema's path from the root of its module, so that a
// generated file does not depend on where the generator was run.
func displayName(schema string) string {
	abs, err := filepath.Abs(schema)
	if err != nil {
		return filepath.ToSlash(schema)
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			if rel, err := filepath.Rel(dir, abs); err == nil {
				return filepath.ToSlash(rel)
			}
		}
		if dir == filepath.Dir(dir) {
			return filepath.Base(schema)
		}
	}
}
