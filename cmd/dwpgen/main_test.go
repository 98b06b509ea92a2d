package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const small = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"], "colour": "red"}}
}
`

// generate runs the command on a schema in a directory of its own.
func generate(t *testing.T, schema string, flags ...string) (status int, stdout, stderr, out string) {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "schema.json")
	if err := os.WriteFile(name, []byte(schema), 0o644); err != nil {
		t.Fatal(err)
	}
	out = filepath.Join(dir, "types.go")
	status, stdout, stderr = dwpgen(append([]string{"-schema", name, "-target", "types", "-package", "p", "-out", out}, flags...)...)
	return status, stdout, strings.ReplaceAll(stderr, filepath.ToSlash(dir)+"/", ""), out
}

func dwpgen(args ...string) (status int, stdout, stderr string) {
	var out, err strings.Builder
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

func TestGeneratesAFileAndTellsAnnotations(t *testing.T) {
	t.Parallel()
	status, _, stderr, out := generate(t, small)
	want := "note: schema.json:3:111: #/$defs/Point/colour: the keyword colour is of no dialect and is taken for an annotation\n"
	if status != 0 || stderr != want {
		t.Errorf("the status is %d, with\n%s", status, stderr)
	}
	text, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(text), "type Point struct") {
		t.Errorf("the file holds %.60s: %v", text, err)
	}
}

func TestStrictRefusesAnnotationsAndWritesNothing(t *testing.T) {
	t.Parallel()
	status, _, stderr, out := generate(t, small, "-strict")
	want := "schema.json:3:111: #/$defs/Point/colour: the keyword colour is of no dialect and is taken for an annotation: remove it, or leave -strict away\n"
	if status != 1 || stderr != want {
		t.Errorf("the status is %d, with\n%s", status, stderr)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the file was written: %v", err)
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	t.Parallel()
	status, _, stderr, out := generate(t, `{"$defs": {"A": {"type": "text"}, "B": {"type": "object", "propertys": {}, "not": {}}, "C": {"x-dwp-go-nam": "D"}}}`)
	for _, want := range []string{"#/$defs/A/type: ", "#/$defs/B/not: ", "#/$defs/C/x-dwp-go-nam: "} {
		if strings.Count(stderr, want) != 1 {
			t.Errorf("%q is not told once:\n%s", want, stderr)
		}
	}
	if _, err := os.Stat(out); status != 1 || !os.IsNotExist(err) {
		t.Errorf("the status is %d; the file: %v", status, err)
	}
}

func TestCheckShowsAStaleFileAndLeavesIt(t *testing.T) {
	t.Parallel()
	_, _, _, out := generate(t, small)
	schema := filepath.Join(filepath.Dir(out), "schema.json")
	check := []string{"-schema", schema, "-target", "types", "-package", "p", "-out", out, "-check"}
	if status, stdout, _ := dwpgen(check...); status != 0 || stdout != "" {
		t.Fatalf("a current file has the status %d and the diff\n%s", status, stdout)
	}
	if err := os.WriteFile(schema, []byte(strings.Replace(small, `"x": {"type": "number"}`, `"x": {"type": "number"}, "y": {"type": "boolean"}`, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := dwpgen(check...)
	if status != 1 || !strings.Contains(stdout, "\n+\tY *bool   `json:\"y,omitempty\"`\n") || !strings.Contains(stderr, "is stale") {
		t.Errorf("the status is %d, with\n%s%s", status, stdout, stderr)
	}
	if after, err := os.ReadFile(out); err != nil || string(after) != string(before) {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   []string
		status int
		stderr string
	}{
		"nothing":           {nil, 1, "-schema is missing\n-package is missing\n-out is missing\n-target is \"\": it is one of client, wire, server, types\n"},
		"an unknown target": {[]string{"-schema", "s", "-package", "p", "-out", "o", "-target", "java"}, 1, "-target is \"java\": it is one of client, wire, server, types\n"},
		"an argument":       {[]string{"-check", "schema.json"}, 2, "dwpgen: \"schema.json\" is not a flag\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, _, stderr := dwpgen(tt.args...); status != tt.status || stderr != tt.stderr {
				t.Errorf("the status is %d, with\n%s", status, stderr)
			}
		})
	}
}
