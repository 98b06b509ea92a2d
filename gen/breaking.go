package gen

import (
	"path/filepath"

	"github.com/xraph/dispatch/gen/internal/breaking"
	"github.com/xraph/dispatch/gen/internal/emit"
	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/parse"
)

// Breaking compares two versions of a schema: on the wire, in both directions, and for source that
// uses the generated code. An error is about the files; what is found, harmful or not, is in the
// report. It may be called concurrently.
func Breaking(cfg BreakingConfig) (*BreakingReport, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	var versions [2]breaking.Schema
	for i, name := range []string{cfg.Old, cfg.New} {
		text, err := readFile(name)
		if err != nil {
			return nil, err
		}
		versions[i] = breaking.Schema{Name: name, Text: text}
	}
	var accepted []breaking.Acceptance
	if cfg.Accepted != "" {
		text, err := readFile(cfg.Accepted)
		if err != nil {
			return nil, err
		}
		if accepted, err = breaking.ParseAcceptances(cfg.Accepted, text); err != nil {
			return nil, err
		}
	}
	if err := (parse.Files{Names: filepath.ToSlash(cfg.Names), Read: readFile}).CheckNames(); err != nil {
		return nil, err // what is wrong with it is not a question of the versions
	}
	report, err := breaking.Compare(versions[0], versions[1], func(name string, schema []byte) ([][]byte, error) {
		return generated(name, schema, cfg.Names)
	})
	if err != nil {
		return nil, err
	}
	report.Accept(accepted)
	return newBreakingReport(report), nil
}

// generated is the Go that a version of a schema becomes, file by file: a client, if it has
// methods.
func generated(name string, schema []byte, names string) ([][]byte, error) {
	name = filepath.ToSlash(name)
	from := parse.Files{Names: filepath.ToSlash(names), Lenient: true, Read: func(file string) ([]byte, error) {
		if file == name {
			return schema, nil
		}
		return readFile(file)
	}}
	doc, err := from.Load(name)
	if err != nil {
		return nil, err
	}
	m, err := model.Build(doc)
	if err != nil {
		return nil, err
	}
	target := emit.Types
	if len(doc.Vocabulary.Methods) > 0 {
		target = emit.Client
	}
	files, err := emit.Files(m, emit.Config{Target: target, Package: "protocol", Schema: name})
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	for _, f := range files {
		texts = append(texts, f.Data)
	}
	return texts, nil
}
