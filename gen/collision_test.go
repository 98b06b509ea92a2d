package gen_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// TestHandWrittenNamesAreNotTaken: what the schema names like a declaration of the
// package's other files is reported, with both places, and not left to the compiler.
func TestHandWrittenNamesAreNotTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := map[string]string{
		"schema.json": `{
  "x-dwp-methods": {
    "job.get": {"go": "Close", "description": "Reads.", "request": {"$ref": "#/$defs/Get"}, "response": {"$ref": "#/$defs/Job"}, "args": ["id"], "idempotency": "safe"}
  },
  "$defs": {
    "Get": {"type": "object", "properties": {"id": {"type": "string"}, "token": {"type": "string"}}, "required": ["id"]},
    "Job": {"type": "object", "properties": {"id": {"type": "string"}}}
  }
}
`,
		"client.go":       "package client\n\ntype Client struct{}\n\nfunc (c *Client) Close() error { return nil }\n\nfunc WithToken(string) {}\n",
		"job.go":          "package client\n\nvar (\n\tx   int\n\tJob = 1\n)\n",
		"other_test.go":   "package client\n\ntype Get struct{}\n",
		"zz_generated.go": "package client\n\ntype Get struct{}\n",
		"ignored.go":      "package main\n\ntype Get struct{}\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := gen.Generate(gen.Config{
		Schema: filepath.Join(dir, "schema.json"), Target: "client", Package: "client", Out: filepath.Join(dir, "zz_generated.go"),
	})
	if err == nil {
		t.Fatal("no collision is reported")
	}
	at := filepath.ToSlash(dir) + "/"
	hint := `: rename one of them, in the schema with "go", "x-dwp-go-name" or "x-dwp-go-prefix"`
	want := at + "schema.json:3:16: #/x-dwp-methods/job.get: the Go name (*Client).Close is declared at " + at + "client.go:5:18 too" + hint + "\n" +
		at + "schema.json:6:81: #/$defs/Get/properties/token: the Go name WithToken is declared at " + at + "client.go:7:6 too" +
		`: add "x-dwp-go-name": "CloseToken" to the member, which makes the option WithCloseToken` + "\n" +
		at + "schema.json:7:12: #/$defs/Job: the Go name Job is declared at " + at + "job.go:5:2 too" + hint
	if err.Error() != want {
		t.Errorf("the error is\n%v\nnot\n%s", err, want)
	}
}
