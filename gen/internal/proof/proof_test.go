package proof

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedTypesAgreeWithTheValidator is the smoke of `make fuzz`: random
// schemas, each with random documents.
func TestGeneratedTypesAgreeWithTheValidator(t *testing.T) {
	t.Parallel()
	r, err := Differential(t.Context(), t.TempDir(), 4, 8, 60)
	if err != nil {
		t.Fatal(err)
	}
	for _, failure := range r.Failures {
		t.Error(failure)
	}
	if r.Refused > r.Schemas/4 {
		t.Errorf("%d of %d random schemas are refused, such as %s", r.Refused, r.Schemas, r.Refusals[0])
	}
	if r.Accepted < 200 || r.Accepted == r.Documents || r.Packed < 100 {
		t.Errorf("of %d documents %d were accepted and %d went through msgpack", r.Documents, r.Accepted, r.Packed)
	}
}

// TestSuiteTellsPassFromRefusedAndFail runs a suite of this repository's own.
func TestSuiteTellsPassFromRefusedAndFail(t *testing.T) {
	t.Parallel()
	files, err := RunSuite(t.Context(), "testdata/suite", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/matrix.md")
	if err != nil {
		t.Fatal(err)
	}
	if got := Matrix(files, "of its own"); got != string(want) {
		t.Errorf("the matrix is\n%s", got)
	}
	var failures []string
	for _, f := range files {
		failures = append(failures, f.Failures...)
	}
	// The suite has one test that says the wrong thing on purpose.
	if len(failures) != 1 || !strings.Contains(failures[0], "the wrong way round: accepted 2") {
		t.Errorf("failures: %q", failures)
	}
}

// TestRunnerFindsWhatIsBroken: a proof that cannot fail proves nothing.
func TestRunnerFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	m, err := NewModule(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	schema := []byte(`{"$defs": {"Name": {"type": "object", "properties": {"first": {"type": "string", "minLength": 3}}, "required": ["first"]}}}`)
	broken, err := m.Add("broken", schema, "")
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := m.Add("wrong", schema, "")
	if err != nil {
		t.Fatal(err)
	}
	replace := func(p *Package, file, old, new string) {
		name := filepath.Join(m.Dir, p.Name, file)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), old) {
			t.Fatalf("%s has no %s", name, old)
		}
		if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(text), old, new)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// the registry still compiles, the codec does not
	replace(broken, "zz_generated.go", "First", "first")
	replace(broken, "zz_generated.go", "type Name struct", "type Name = struct")
	replace(wrong, "zz_generated_json.go", `"first"`, `"frist"`)
	replace(wrong, "zz_generated_msgpack.go", `"first"`, `"frist"`)
	runner, err := m.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if broken.Failure == "" {
		t.Error("what does not compile was not found")
	}
	answers, err := runner.Run(t.Context(), []Question{
		{"wrong", "Name", `{"first": "Ada"}`}, {"wrong", "Name", `{"frist": "Ada"}`}, {"wrong", "Nobody", `1`},
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := answers[0]; a.Accepted {
		t.Errorf("%+v", a)
	}
	// a wrong name, and the decoder of msgpack reports it
	if a := answers[1]; !a.Accepted || a.Broken == "" {
		t.Errorf("%+v", a)
	}
	if a := answers[2]; a.Broken == "" {
		t.Errorf("%+v", a)
	}
}

func TestDocumentsThatMeanTheSameAreEqual(t *testing.T) {
	t.Parallel()
	described, zero := map[string]bool{"/n": true, "/in/n": true}, map[string]bool{"/zero": true}
	for _, test := range []struct {
		a, b  string
		exact bool
		where string // "=": they are equal
	}{
		{`{"a": [1.0, "x"]}`, `{"a": [1, "x"]}`, true, "="},
		{`"2026-11-23T14:00:00+02:00"`, `"2026-11-23T12:00:00Z"`, true, "="},
		{`{"a": 1}`, `{}`, false, "="},
		{`{"a": 1}`, `{}`, true, "/a"},
		{`{"zero": 0, "a": 1}`, `{"a": 1}`, true, "="},
		{`{"zero": 1}`, `{}`, true, "/zero"},
		{`{"n": 1, "a": 1}`, `{"n": 1}`, false, "="},
		{`{"n": 1}`, `{}`, false, "/n"},
		{`{"in": {"n": 1}}`, `{"in": {}}`, false, "/in/n"},
		{`{}`, `{"a": null}`, false, "/a"},
		{`[1, 2]`, `[2, 1]`, true, "/0"},
		{`{"a": {"b": [0]}}`, `{"a": {"b": [false]}}`, true, "/a/b/0"},
		{`null`, `false`, true, ""},
	} {
		same, where := (meaning{exact: test.exact, said: said{described, zero}}).equal(decoded(test.a), decoded(test.b), "")
		if same != (test.where == "=") || !same && where != test.where {
			t.Errorf("%s and %s: %t at %q", test.a, test.b, same, where)
		}
	}
}

// TestSchemasWithAddressesAndDefaultsAreTried: a root has an $id, under which the validator looks
// for the files beside it, and a member has its zero value for a default.
func TestSchemasWithAddressesAndDefaultsAreTried(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	files := []string{filepath.FromSlash("testdata/identified/root.json"), filepath.FromSlash("testdata/identified/other.json")}
	if err := Try(t.Context(), t.TempDir(), files, "", nil, 1, 40, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if want := "2 schemas, 0 refused; 2 of 2 definitions had documents: 80 documents"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}
