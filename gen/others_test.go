package gen_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// TestSeveralSchemasBecomeOnePackage: two files refer to each other, both have a root and a
// definition of one name, and a problem names the file that it is in.
func TestSeveralSchemasBecomeOnePackage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := write(t, dir, "one.json", `{"type": "object", "properties": {"two": {"$ref": "two.json"}, "id": {"$ref": "#/$defs/Id"}},
		"$defs": {"Id": {"type": "string", "enum": ["a", "b"]}}}`)
	two := write(t, dir, "two.json", `{"type": "object", "properties": {"one": {"$ref": "one.json"}, "id": {"$ref": "#/$defs/Id"}},
		"$defs": {"Id": {"type": "integer", "enum": [1, 2]}}}`)
	cfg := gen.Config{Schema: one, Others: []string{two}, Target: gen.Types, Package: "p", Out: filepath.Join(dir, "zz_generated.go")}
	out, err := gen.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(out.Files[0].Data)), " ")
	for _, want := range []string{"type One struct { Two *Two", "type Two struct { One *One", "type ID string", "type TwoID int"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, out.Files[0].Data)
		}
	}
	write(t, dir, "two.json", `{"$defs": {"Id": {"type": "integer", "minLength": -1}, "B": {"$ref": "one.json#/$defs/Nothing"}}}`)
	_, err = gen.Generate(cfg)
	if err == nil {
		t.Fatal("the mistakes are not found")
	}
	for line := range strings.Lines(err.Error()) {
		if !strings.HasPrefix(line, filepath.ToSlash(two)+":1:") {
			t.Errorf("not of the second file: %s", line)
		}
	}
	if n := strings.Count(err.Error(), "\n"); n != 1 {
		t.Errorf("%d lines:\n%v", n+1, err)
	}
}
