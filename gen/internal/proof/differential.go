package proof

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/xraph/dispatch/gen/internal/parse"
	"github.com/xraph/dispatch/internal/instance"
)

// Report is what a comparison of generated types with the validator found.
type Report struct {
	Schemas, Refused int // a refused schema is no failure
	Types            int // for which documents were found
	Documents        int
	Accepted         int // of the documents
	Ranges           int // documents with numbers that no Go type holds
	Packed           int // documents that went through msgpack
	Refusals         []string
	Failures         []string
}

// Differential makes random schemas and compares what their generated types say of random
// documents, valid ones and near misses, with what the validator says. What is
// accepted has to survive round trips through JSON and msgpack. The same seed makes the same proof.
func Differential(ctx context.Context, dir string, seed uint64, schemas, documents int) (*Report, error) {
	r := rand.New(rand.NewPCG(seed, 1))
	m, err := NewModule(ctx, dir)
	if err != nil {
		return nil, err
	}
	report := &Report{}
	var targets []*target
	for i := range schemas {
		schema, err := json.MarshalIndent(RandomSchema(r), "", " ")
		if err != nil {
			return nil, err
		}
		p, err := m.Add(fmt.Sprintf("schema%d", i), schema, "")
		report.Schemas++
		if err != nil && !Refusal(err) {
			report.fail("%.300v\n%s", err, schema)
			continue
		}
		if err != nil {
			report.Refused++
			report.Refusals = append(report.Refusals, fmt.Sprintf("%v\n%s", err, schema))
			continue
		}
		of, err := targetsOf(p)
		if err != nil {
			return nil, err
		}
		targets = append(targets, of...)
	}
	return report, report.run(ctx, m, r, targets, documents)
}

// target is a type with its schema.
type target struct {
	pkg      *Package
	name     string
	compiled *jsonschema.Schema
	schema   string // its text, for the reader of a failure
}

// targetsOf are the definitions of a package's schema.
func targetsOf(p *Package) ([]*target, error) {
	text, err := os.ReadFile(p.Schema)
	if err != nil {
		return nil, err
	}
	c, err := compiler(p)
	if err != nil {
		return nil, err
	}
	var out []*target
	for _, t := range p.Types {
		if t.Schema == "" {
			continue
		}
		compiled, err := c.Compile(parse.Address(t.File) + t.Pointer)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Pointer, err)
		}
		out = append(out, &target{p, t.Name, compiled, string(text)})
	}
	return out, nil
}

// asserted are the formats that generated types check; the others are annotations.
var asserted = map[string]bool{
	"date-time": true, "date": true, "time": true, "duration": true, "uuid": true, "uri": true, "uri-reference": true,
	"ipv4": true, "ipv6": true, "email": true, "hostname": true, "json-pointer": true, "relative-json-pointer": true,
}

var forget = sync.OnceFunc(func() {
	for name := range jsonschema.Formats {
		if !asserted[name] {
			delete(jsonschema.Formats, name)
		}
	}
	jsonschema.Formats["byte"] = func(v any) bool {
		text, ok := v.(string)
		_, err := base64.StdEncoding.DecodeString(text)
		return !ok || err == nil
	}
	for name := range jsonschema.MediaTypes {
		delete(jsonschema.MediaTypes, name)
	}
})

// compiler returns a compiler of the validator that asserts what generated types assert, and finds
// what a package's schema refers to.
func compiler(p *Package) (*jsonschema.Compiler, error) {
	forget()
	c := jsonschema.NewCompiler()
	c.AssertFormat, c.AssertContent, c.ExtractAnnotations = true, true, true
	c.LoadURL = func(url string) (io.ReadCloser, error) { return nil, errors.New("not a file: " + url) }
	files := parse.Files{Map: p.Map, List: func(pattern string) []string {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil
		}
		return names
	}}
	doc, err := files.Load(p.Schema)
	if err != nil {
		return nil, err
	}
	for uri, text := range doc.Portable {
		if err := c.AddResource(uri, strings.NewReader(text)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// run puts documents to the targets and checks the answers.
func (report *Report) run(ctx context.Context, m *Module, r *rand.Rand, targets []*target, documents int) error {
	runner, err := m.Build(ctx)
	if err != nil {
		return err
	}
	var questions []Question
	var cases []*testCase
	failed := map[*Package]bool{}
	for _, s := range targets {
		if s.pkg.Failure != "" {
			if !failed[s.pkg] {
				report.fail("it does not compile: %s\n%s", s.pkg.Failure, s.schema)
			}
			failed[s.pkg] = true
			continue
		}
		testCases := s.testCases(r, documents)
		if len(testCases) > 0 {
			report.Types++
		}
		for _, c := range testCases {
			cases = append(cases, c)
			questions = append(questions, Question{s.pkg.Name, s.name, c.text})
		}
	}
	answers, err := runner.Run(ctx, questions)
	if err != nil {
		return err
	}
	for i, a := range answers {
		report.check(cases[i], a)
	}
	return nil
}

// testCase is a document for a target.
type testCase struct {
	*target
	document any
	text     string
	valid    bool
}

func (s *target) testCases(r *rand.Rand, documents int) []*testCase {
	g := instance.New(s.compiled, r)
	var out []*testCase
	for i := range documents {
		g.Fractions = i%4 == 3
		g.Unknown = i%3 == 2
		document, ok := g.Valid()
		if !ok {
			return out
		}
		if i%2 == 1 {
			document = g.Mutate(document)
		}
		text, err := json.Marshal(document)
		if err != nil {
			continue // a number that is none
		}
		out = append(out, &testCase{s, document, string(text), s.compiled.Validate(document) == nil})
	}
	return out
}

func (report *Report) fail(format string, args ...any) {
	report.Failures = append(report.Failures, fmt.Sprintf(format, args...))
}

func (report *Report) check(c *testCase, a Answer) {
	report.Documents++
	fail := func(what string) {
		report.fail("%s.%s: %s\ndocument %s\nwritten  %s\nmsgpack  %s\nschema %s", c.pkg.Name, c.name, what, c.text, a.JSON, a.Msgpack, excerpt(c.schema))
	}
	switch {
	case a.Broken != "":
		fail(a.Broken)
		return
	case !a.Accepted && a.Packed == "" && !c.valid && !imprecise(c.document):
		fail("refused as JSON, and accepted in msgpack")
		return
	case a.Accepted && a.Packed != "" && a.Packed != NoSerializers && !OwnTypes(c.schema):
		fail("accepted as JSON, and refused in msgpack: " + a.Packed)
		return
	case a.Accepted != c.valid && (a.Range || imprecise(c.document)):
		report.Ranges++
		return
	case a.Accepted && !c.valid:
		fail("accepted, and it is not valid: " + lastLine(c.compiled.Validate(c.document)))
		return
	case !a.Accepted && c.valid:
		fail("refused, and it is valid: " + a.Error)
		return
	case !a.Accepted:
		return
	}
	report.Accepted++
	if what := survives(c, a.JSON); what != "" {
		fail("after a round trip through JSON " + what)
		return
	}
	if a.Msgpack == "" {
		return
	}
	report.Packed++
	if same, where := (meaning{exact: true}).equal(decoded(a.JSON), decoded(a.Msgpack), ""); !same {
		fail("after a round trip through msgpack it differs at " + where)
	}
}

// excerpt keeps a schema from burying what failed.
func excerpt(schema string) string {
	if len(schema) > 4000 {
		return "of " + strconv.Itoa(len(schema)) + " bytes"
	}
	return schema
}

func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(fmt.Sprintf("%#v", err)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
