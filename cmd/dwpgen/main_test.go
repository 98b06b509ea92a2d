package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	sound     = `{"$defs": {"A": {"type": "string", "enum": ["a"]}}}`
	annotated = `{"$defs": {"A": {"type": "string", "x-owner": "me"}}}`
	unsound   = `{"$defs": {"A": {"type": "strin"}, "B": {"$ref": "#/$defs/C"}}}`
	old       = "package p\n\n// what stood here\n"
)

// attempt runs the command on a schema, with old in the file that it would write. What it returns
// of files is all that were written.
func attempt(t *testing.T, schema string, flags ...string) (status int, stdout, stderr, files string) {
	t.Helper()
	dir := t.TempDir()
	name, out := filepath.Join(dir, "schema.json"), filepath.Join(dir, "zz_generated.go")
	for path, text := range map[string]string{name: schema, out: old} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var o, e strings.Builder
	status = run(append([]string{"-schema", name, "-target", "types", "-package", "p", "-out", out}, flags...), &o, &e)
	var written strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == "schema.json" {
			continue
		}
		if !strings.HasPrefix(e.Name(), "zz_generated") {
			t.Errorf("%s is left behind", e.Name())
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		written.Write(text)
	}
	return status, o.String(), e.String(), written.String()
}

func TestGenerateExits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		schema         string
		flags          []string
		status         int
		stdout, stderr string // each a part of what is printed
		written        bool
	}{
		{"a sound schema", sound, nil, 0, "", "", true},
		{"an annotation", annotated, nil, 0, "", "#/$defs/A/x-owner: the keyword x-owner is not part of a dialect", true},
		{"an annotation that is refused", annotated, []string{"-strict"}, 1, "", "remove it, or allow keywords of no dialect", false},
		{"two mistakes", unsound, nil, 1, "", "schema.json:1:26: #/$defs/A/type: \"strin\" is not a type", false},
		{"a stale file", sound, []string{"-check"}, 1, "-// what stood here\n", "is stale: run go generate", false},
		{"a mistake when checking", unsound, []string{"-check"}, 1, "", "there is nothing at \"#/$defs/C\"", false},
		{"an unknown target", sound, []string{"-target", "java"}, 2, "", `the target "java" is not one of client, wire, server, types`, false},
		{"a package without a name", sound, []string{"-package", ""}, 2, "", "-package is missing", false},
		{"a schema that is not there", sound, []string{"-schema", "nothing.json"}, 1, "", "nothing.json", false},
		{"something that is no flag", sound, []string{"types"}, 2, "", `"types" is not a flag`, false},
		{"an unknown flag", sound, []string{"-force"}, 2, "", "-force", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr, file := attempt(t, test.schema, test.flags...)
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			if !strings.Contains(stdout, test.stdout) || test.stdout == "" && stdout != "" {
				t.Errorf("stdout:\n%s", stdout)
			}
			if !strings.Contains(stderr, test.stderr) || test.stderr == "" && stderr != "" {
				t.Errorf("stderr:\n%s", stderr)
			}
			if written := file != old; written != test.written {
				t.Errorf("written: %v, want %v", written, test.written)
			}
		})
	}
}

func TestWhatWasWrittenIsCurrent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema, out := filepath.Join(dir, "schema.json"), filepath.Join(dir, "zz_generated.go")
	if err := os.WriteFile(schema, []byte(sound), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-schema", schema, "-target", "types", "-package", "p", "-out", out}
	var o, e strings.Builder
	if status := run(append(args, "-check"), &o, &e); status != 1 || !strings.Contains(o.String(), "+type A string") {
		t.Errorf("a file that is not there: status %d\n%s%s", status, &o, &e)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("-check wrote it")
	}
	if status := run(args, &o, &e); status != 0 {
		t.Fatalf("status %d\n%s", status, &e)
	}
	before, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	o.Reset()
	if status := run(append(args, "-check"), &o, &e); status != 0 || o.String() != "" {
		t.Errorf("status %d for the file that was written\n%s", status, &o)
	}
	if status := run(args, &o, &e); status != 0 {
		t.Errorf("status %d the second time\n%s", status, &e)
	}
	if after, err := os.Stat(out); err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("a file that is current was written again: %v", err)
	}
}

// TestAFileThatCannotBeReplacedStays: a write that fails leaves what stood there, and nothing else.
func TestAFileThatCannotBeReplacedStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schema, out := filepath.Join(dir, "schema.json"), filepath.Join(dir, "taken")
	if err := os.WriteFile(schema, []byte(sound), 0o600); err != nil {
		t.Fatal(err)
	}
	// no file can be renamed to it
	if err := os.MkdirAll(filepath.Join(out, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	var o, e strings.Builder
	if status := run([]string{"-schema", schema, "-target", "types", "-package", "p", "-out", out}, &o, &e); status != 1 || e.String() == "" {
		t.Errorf("status %d\n%s", status, &e)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

func TestNamesAreReadFromTheirFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "names.json")
	for _, test := range []struct {
		overlay string
		status  int
		want    string // a part of the file, or of stderr
	}{
		{`{"/$defs/A": {"name": "Letter"}}`, 0, "type Letter string"},
		{`{"/$defs/B": {"name": "Letter"}}`, 1, `there is nothing at "/$defs/B": the nearest part that is there is #/$defs, which has "A"`},
	} {
		if err := os.WriteFile(name, []byte(test.overlay), 0o600); err != nil {
			t.Fatal(err)
		}
		status, _, stderr, file := attempt(t, sound, "-names", name)
		if status != test.status || !strings.Contains(file+stderr, test.want) {
			t.Errorf("%s: status %d\n%s%s", test.overlay, status, stderr, file)
		}
	}
	if status, _, stderr, _ := attempt(t, sound, "-names", name+"x"); status != 1 || !strings.Contains(stderr, "names.jsonx") {
		t.Errorf("a file that is not there: status %d\n%s", status, stderr)
	}
}
