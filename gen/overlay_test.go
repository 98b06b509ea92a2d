package gen_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// write writes a file of a test and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const protocolWithoutNames = `{"$schema": "https://json-schema.org/draft/2020-12/schema",
	"$defs": {
		"Ask": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
		"Answer": {"type": "object", "properties": {"a": {"type": "string", "minLength": 1}}},
		"Frame": {"type": "object", "properties": {"t": {"type": "integer"}}, "x-dwp-target": "wire"}
	},
	"x-dwp-errors": {"404": {"go": "Missing"}},
	"x-dwp-methods": {"ask": {"description": "Asks.", "request": {"$ref": "#/$defs/Ask"}, "response": {"$ref": "#/$defs/Answer"},
		"args": ["q"], "idempotency": "safe"}}}`

const protocolNames = `{"/x-dwp-methods/ask": {"name": "Inquire"}, "/x-dwp-errors/404": {"name": "Absent"},
	"/$defs/Answer": {"name": "Reply"}, "/$defs/Frame/properties/t": {"name": "Time"}}`

// TestOverlaysAreOfEveryTarget: names of an overlay are in the Go of every target and in the
// reference.
func TestOverlaysAreOfEveryTarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := write(t, dir, "schema.json", protocolWithoutNames)
	names := write(t, dir, "names.json", protocolNames)
	write(t, dir, "runtime.go", "package p\n\ntype Client struct{}\n\nvar errUnknownMethod error\n")
	for target, want := range map[gen.Target][]string{
		gen.Types: {"type Reply struct", "Time *int"}, gen.Client: {") Inquire(", "*Reply", "ErrAbsent"},
		gen.Wire: {"Time *int"}, gen.Server: {"Inquire(context.Context", "client.Reply"},
	} {
		out, err := gen.Generate(gen.Config{Schema: schema, Names: names, Target: target, Package: "p", Out: filepath.Join(dir, "zz_generated.go")})
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		for _, text := range want {
			if !strings.Contains(strings.Join(strings.Fields(string(out.Files[0].Data)), " "), text) {
				t.Errorf("%s: no %q in\n%s", target, text, out.Files[0].Data)
			}
		}
	}
	out, err := gen.Docs(gen.DocsConfig{Schema: schema, Names: names, Out: filepath.Join(dir, "reference.md")})
	if err != nil || !strings.Contains(string(out.Files[0].Data), "Inquire") {
		t.Errorf("the reference: %v", err)
	}
}

// TestBreakingComparesTheNamesOfTheOverlay: a definition that has the old one's name breaks no Go,
// and an overlay with mistakes is an error.
func TestBreakingComparesTheNamesOfTheOverlay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := write(t, dir, "old.json", `{"$defs": {"A": {"type": "object", "properties": {"a": {"type": "string"}}}}}`)
	after := write(t, dir, "new.json", `{"$defs": {"B": {"type": "object", "properties": {"a": {"type": "string"}}}}}`)
	broken := func(overlay string) bool {
		t.Helper()
		cfg := gen.BreakingConfig{Old: before, New: after}
		if overlay != "" {
			cfg.Names = write(t, dir, "names.json", overlay)
		}
		report, err := gen.Breaking(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range report.Changes {
			if strings.Contains(c.Go.Why, "A is gone") {
				return true
			}
		}
		return false
	}
	if !broken("") || broken(`{"/$defs/B": {"name": "A"}}`) {
		t.Error("the overlay makes no difference")
	}
	names := write(t, dir, "wrong.json", `{"/$defs/B": {"label": "A"}}`)
	if _, err := gen.Breaking(gen.BreakingConfig{Old: before, New: after, Names: names}); err == nil || !strings.Contains(err.Error(), `no member "label"`) {
		t.Errorf("the error is %v", err)
	}
}

// TestOverlaysNameFilesFromWhereTheyAre: a file is relative to the overlay, and a URI is that of
// the $id, of -map, or of a reference.
func TestOverlaysNameFilesFromWhereTheyAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := write(t, dir, "schemas/main.json", `{"$id": "https://example.com/main", "$defs": {
		"A": {"$ref": "beside.json#/$defs/T"}, "B": {"$ref": "https://example.org/mapped#/$defs/T"}, "C": {"$ref": "https://example.com/named#/$defs/T"}}}`)
	definition := `{"$defs": {"T": {"type": "object", "properties": {"x": {"type": "string"}}}}}`
	write(t, dir, "schemas/beside.json", definition)
	mapped := write(t, dir, "elsewhere/mapped.json", definition)
	write(t, dir, "schemas/named.json", `{"$id": "https://example.com/named", "$defs": {"T": {"type": "object", "properties": {"x": {"type": "string"}}}}}`)
	for _, beside := range []string{"../schemas/beside.json", "https://example.com/beside.json"} {
		names := write(t, dir, "names/names.json", `{
			"`+beside+`#/$defs/T/properties/x": {"name": "Beside"},
			"https://example.org/mapped#/$defs/T/properties/x": {"name": "Mapped"},
			"https://example.com/named#/$defs/T/properties/x": {"name": "Named"}}`)
		out, err := gen.Generate(gen.Config{
			Schema: schema, Names: names, Map: map[string]string{"https://example.org/mapped": mapped},
			Target: gen.Types, Package: "p", Out: filepath.Join(dir, "zz_generated.go"),
		})
		if err != nil {
			t.Errorf("%s: %v", beside, err)
			continue
		}
		for _, field := range []string{"Beside ", "Mapped ", "Named "} {
			if !strings.Contains(string(out.Files[0].Data), "\t"+field) {
				t.Errorf("no field %s in\n%s", field, out.Files[0].Data)
			}
		}
	}
}

// TestSkippedPartsAreListed: what an overlay leaves out is in the output, with the place that says
// so.
func TestSkippedPartsAreListed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := write(t, dir, "schema.json", `{"$defs": {"A": {"type": "object", "properties": {"a": {"type": "string"}}}, "B": true}}`)
	names := write(t, dir, "names.json", `{"/$defs/B": {"skip": true}, "/$defs/A/properties/a": {"skip": true}}`)
	out, err := gen.Generate(gen.Config{Schema: schema, Names: names, Target: gen.Types, Package: "p", Out: filepath.Join(dir, "zz_generated.go")})
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(out.Skipped, "\n"); len(out.Skipped) != 2 || !strings.Contains(text, "#/$defs/A/properties/a: left out at "+filepath.ToSlash(names)+":1:") {
		t.Errorf("skipped: %s", text)
	}
}

// TestSkippedPartsAreNotCompiled: what a member that is left out refers to need not exist for the
// check by the meta-schema either.
func TestSkippedPartsAreNotCompiled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema := write(t, dir, "schema.json", `{"type": "object", "properties": {"a": {"$ref": "https://example.com/nothing"}, "b": {"type": "string"}}}`)
	names := write(t, dir, "names.json", `{"/properties/a": {"skip": true}}`)
	if _, err := gen.Generate(gen.Config{Schema: schema, Names: names, Target: gen.Types, Package: "p", Out: filepath.Join(dir, "zz_generated.go")}); err != nil {
		t.Error(err)
	}
}
