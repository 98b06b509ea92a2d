package proof

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen"
	"github.com/xraph/dispatch/gen/internal/source"
)

// rootType is what the types of the suite's schemas are called.
const rootType = "Document"

// Dialects are the folders of the JSON-Schema-Test-Suite that are run.
var Dialects = []string{"draft2020-12", "draft7"}

// FileResult is what became of a file of the suite.
type FileResult struct {
	Dialect, Name         string
	Groups                int
	Pass, Refused, Failed int // tests
	// Untyped are tests whose documents a type judges rightly without having typed members for all
	// that the schema names: they do not pass.
	Untyped  int
	Refusals []string // the generator's reasons, each once
	Failures []string
}

// group is a schema of the suite with its tests.
type group struct {
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	Tests       []struct {
		Description string          `json:"description"`
		Data        json.RawMessage `json:"data"`
		Valid       bool            `json:"valid"`
	} `json:"tests"`

	file     *FileResult
	compiled *Package
	untyped  []string // the members that the schema names and the type does not have
}

// RunSuite runs the required tests in tests/<dialect> of a checkout of
// the JSON-Schema-Test-Suite: for every group it generates a type, and puts the tests' documents to
// it. A group whose schema the generator refuses is refused, with the reason; one that
// does not compile has failed.
func RunSuite(ctx context.Context, suite, dir string) ([]*FileResult, error) {
	files, groups, err := readSuite(suite)
	if err != nil {
		return nil, err
	}
	m, err := NewModule(ctx, dir)
	if err != nil {
		return nil, err
	}
	m.Formats = gen.Annotate // the required tests have it so
	for i, g := range groups {
		schema, err := withDialect(g.Schema, g.file.Dialect)
		if err != nil {
			return nil, err
		}
		p, err := m.addGroup(fmt.Sprintf("group%d", i), schema, suite)
		switch {
		case Refusal(err):
			g.file.Refused += len(g.Tests)
			g.file.refuse(err)
			continue
		case err != nil:
			g.file.Failed += len(g.Tests)
			g.file.fail(g, "", err.Error())
			continue
		}
		g.compiled = p
		if g.untyped, err = m.untyped(p, schema); err != nil {
			return nil, err
		}
	}
	runner, err := m.Build(ctx)
	if err != nil {
		return nil, err
	}
	return files, runTests(ctx, runner, groups)
}

// untyped are the members that a schema names and its package has no typed members for.
func (m *Module) untyped(p *Package, schema []byte) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(m.Dir, p.Name, "zz_generated*.go"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files) // the types before their codecs
	return untyped(decoded(string(schema)), files...)
}

// addGroup adds a group's schema. Formats are annotations in the suite, and what it refers to by
// the address of its server is among its remotes.
func (m *Module) addGroup(name string, schema []byte, suite string) (*Package, error) {
	if err := m.write(name+"/schema.json", schema); err != nil {
		return nil, err
	}
	return m.AddConfig(gen.Config{
		Schema: filepath.Join(m.Dir, name, "schema.json"), Package: name, Root: rootType, Formats: gen.Annotate,
		Map: map[string]string{"http://localhost:1234/": filepath.Join(suite, "remotes")},
	})
}

func readSuite(suite string) (files []*FileResult, groups []*group, err error) {
	for _, dialect := range Dialects {
		names, err := filepath.Glob(filepath.Join(suite, "tests", dialect, "*.json"))
		if err != nil {
			return nil, nil, err
		}
		if len(names) == 0 {
			return nil, nil, fmt.Errorf("no tests in %s", filepath.Join(suite, "tests", dialect))
		}
		slices.Sort(names)
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, nil, err
			}
			var of []*group
			if err := json.Unmarshal(data, &of); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			f := &FileResult{Dialect: dialect, Name: strings.TrimSuffix(filepath.Base(name), ".json"), Groups: len(of)}
			for _, g := range of {
				g.file = f
			}
			files, groups = append(files, f), append(groups, of...)
		}
	}
	return files, groups, nil
}

var dialectURIs = map[string]string{
	"draft2020-12": "https://json-schema.org/draft/2020-12/schema", "draft7": "http://json-schema.org/draft-07/schema#",
}

// withDialect names the dialect in a schema that does not name one itself. A
// boolean has no place for it, and needs none.
func withDialect(schema json.RawMessage, dialect string) ([]byte, error) {
	if schema[0] != '{' {
		return schema, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(schema, &members); err != nil {
		return nil, err
	}
	if members["$schema"] != nil {
		return schema, nil
	}
	comma := ","
	if len(members) == 0 {
		comma = ""
	}
	head := fmt.Appendf(nil, `{"$schema": %q%s`, dialectURIs[dialect], comma)
	return append(head, bytes.TrimSpace(schema)[1:]...), nil
}

// runTests puts the tests of all groups to the runner and counts.
func runTests(ctx context.Context, runner *Runner, groups []*group) error {
	var questions []Question
	var each []func(Answer)
	for _, g := range groups {
		switch {
		case g.compiled == nil:
			continue
		case g.compiled.Failure != "":
			g.file.Failed += len(g.Tests)
			g.file.fail(g, "", "the generated code does not compile: "+g.compiled.Failure)
			continue
		}
		for _, test := range g.Tests {
			questions = append(questions, Question{g.compiled.Name, rootType, string(test.Data)})
			each = append(each, func(a Answer) {
				valid := test.Valid
				switch {
				case a.Broken != "":
					g.file.fail(g, test.Description, a.Broken)
				case a.Accepted && !valid:
					g.file.fail(g, test.Description, "accepted "+string(test.Data))
				case !a.Accepted && valid && !a.Range:
					g.file.fail(g, test.Description, "refused "+string(test.Data)+": "+a.Error)
				case len(g.untyped) > 0:
					g.file.Untyped++
					return
				default:
					g.file.Pass++
					return
				}
				g.file.Failed++
			})
		}
	}
	answers, err := runner.Run(ctx, questions)
	if err != nil {
		return err
	}
	for i, a := range answers {
		each[i](a)
	}
	return nil
}

func (f *FileResult) fail(g *group, test, what string) {
	name := g.Description
	if test != "" {
		name += ": " + test
	}
	var schema bytes.Buffer
	if err := json.Compact(&schema, g.Schema); err != nil {
		schema.Write(g.Schema)
	}
	f.Failures = append(f.Failures, f.Dialect+"/"+f.Name+": "+name+": "+what+"\n\t"+schema.String())
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\b\d+\b|#/\S+`)

// refuse notes why a schema was refused, without what is particular to it.
func (f *FileResult) refuse(err error) {
	messages := []string{err.Error()}
	if problems, ok := errors.AsType[source.Problems](err); ok {
		messages = messages[:0]
		for _, p := range problems {
			messages = append(messages, p.Message)
		}
	}
	for _, m := range messages {
		m = quoted.ReplaceAllString(m, "…")
		if !slices.Contains(f.Refusals, m) {
			f.Refusals = append(f.Refusals, m)
		}
	}
}
