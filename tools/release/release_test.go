package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const version = "v1.8.7"

// repository makes a git repository, on main, of these files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	writeFiles(t, dir, files)
	git(t, dir, "init", "--quiet", "--initial-branch", "main")
	for key, value := range map[string]string{
		"user.name": "t", "user.email": "t@example.com", "commit.gpgsign": "false", "tag.gpgsign": "false", "core.autocrlf": "false",
	} {
		git(t, dir, "config", key, value)
	}
	commit(t, dir)
	return dir
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := command(t.Context(), dir, "git", args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func commit(t *testing.T, dir string) {
	t.Helper()
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "--allow-empty", "-m", "m")
}

// twoModules are the files of a root and of a nested module that requires it.
func twoModules() map[string]string {
	return map[string]string{
		"go.mod":       "module example.com/root\n\ngo 1.26\n",
		"root.go":      "package root\n",
		"go.work":      "go 1.26\n\nuse (\n\t.\n\t./otel\n)\n\nreplace example.com/root v0.0.0 => ./\n",
		"otel/go.mod":  "module example.com/root/otel\n\ngo 1.26\n\nrequire example.com/root v0.0.0\n",
		"otel/go.sum":  "example.com/a v1.0.0 h1:a\nexample.com/root v1.8.6 h1:old\nexample.com/z v1.0.0 h1:z\n",
		"otel/otel.go": "package otel\n\nimport _ \"example.com/root\"\n",
		"otel/example/go.mod": "module example.com/root/otel/example\n\ngo 1.26\n\nreplace (\n\texample.com/root => ../..\n\texample.com/root/otel => ..\n)\n\n" +
			"require (\n\texample.com/root v0.0.0\n\texample.com/root/otel v0.0.0\n)\n",
		"otel/example/main.go": "package main\n\nimport _ \"example.com/root/otel\"\n\nfunc main() {}\n",
		"CHANGELOG.md":         "# Changelog\n\n## [Unreleased]\n\n## [1.8.7] - 2026-11-27\n\n- Everything.\n\n## [1.8.6] - 2026-11-01\n\n- Old.\n",
	}
}

func TestReleaseTagsTheRootAndThenTheNestedModulesThatRequireIt(t *testing.T) {
	t.Parallel()
	dir := repository(t, twoModules())
	before := git(t, dir, "rev-parse", "HEAD")
	tags, err := release(t.Context(), dir, version)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"v1.8.7", "otel/v1.8.7"}, tags); diff != "" {
		t.Errorf("the tags: -want +got\n%s", diff)
	}
	if at := git(t, dir, "rev-parse", "v1.8.7^{commit}"); at != before {
		t.Errorf("the root's tag is on %s, want %s", at, before)
	}
	if at := git(t, dir, "rev-parse", "otel/v1.8.7^{commit}"); at == before || at != git(t, dir, "rev-parse", "HEAD") {
		t.Errorf("the nested module's tag is on %s", at)
	}
	changed := git(t, dir, "diff", "--name-only", before, "HEAD")
	if diff := cmp.Diff([]string{"go.work", "otel/example/go.mod", "otel/go.mod", "otel/go.sum"}, strings.Fields(changed)); diff != "" {
		t.Errorf("the commit changes: -want +got\n%s", diff)
	}
	if changes := git(t, dir, "status", "--porcelain"); changes != "" {
		t.Errorf("the work tree has changes:\n%s", changes)
	}
	for name, want := range map[string]string{
		"otel/go.mod": "module example.com/root/otel\n\ngo 1.26\n\nrequire example.com/root v1.8.7\n",
		"go.work":     "go 1.26\n\nuse (\n\t.\n\t./otel\n)\n\nreplace example.com/root v1.8.7 => ./\n",
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(text)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	// What is outside the workspace and uses the nested module there still builds.
	if _, err := command(t.Context(), filepath.Join(dir, "otel", "example"), "go", "build", "-mod=readonly", "-o", os.DevNull, "."); err != nil {
		t.Error(err)
	}
	if _, err := release(t.Context(), dir, "v1.8.8"); err == nil {
		t.Error("a version without a section in the changelog was released")
	}
}

// TestWhatSpeaksAgainstAReleaseStopsIt: the repository is left as it was.
func TestWhatSpeaksAgainstAReleaseStopsIt(t *testing.T) {
	t.Parallel()
	changelog := func(text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			writeFiles(t, dir, map[string]string{"CHANGELOG.md": text})
			commit(t, dir)
		}
	}
	mod := func(text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			writeFiles(t, dir, map[string]string{"otel/go.mod": text})
			commit(t, dir)
		}
	}
	for name, c := range map[string]struct {
		version string
		prepare func(*testing.T, string)
		want    string
	}{
		"no version":             {version: "1.8.7", want: `"1.8.7" is not a version`},
		"a short version":        {version: "v1.8", want: `"v1.8" is not a version`},
		"build metadata":         {version: "v1.8.7+x", want: "is not a version"},
		"another major version":  {version: "v2.0.0", want: "should be v0 or v1"},
		"another branch":         {prepare: func(t *testing.T, dir string) { git(t, dir, "switch", "--quiet", "-c", "other") }, want: "the branch is other"},
		"a change":               {prepare: func(t *testing.T, dir string) { writeFiles(t, dir, map[string]string{"x": ""}) }, want: "not clean"},
		"the tag exists":         {prepare: func(t *testing.T, dir string) { git(t, dir, "tag", "v1.8.7") }, want: "the tag v1.8.7 exists"},
		"a nested tag exists":    {prepare: func(t *testing.T, dir string) { git(t, dir, "tag", "otel/v1.8.7") }, want: "the tag otel/v1.8.7 exists"},
		"a higher version":       {prepare: func(t *testing.T, dir string) { git(t, dir, "tag", "v1.10.0") }, want: "v1.10.0 is released"},
		"an unreleased change":   {prepare: changelog("## [Unreleased]\n\n- x\n\n## [1.8.7] - 2026-11-27\n\n- y\n"), want: "unreleased changes"},
		"no section":             {prepare: changelog("## [1.8.6] - 2026-11-01\n\n- Old.\n"), want: "the newest version in CHANGELOG.md is 1.8.6"},
		"no sections":            {prepare: changelog("# Changelog\n"), want: "no section"},
		"no date":                {prepare: changelog("## [1.8.7]\n\n- x\n"), want: "has no date"},
		"an empty section":       {prepare: changelog("## [1.8.7] - 2026-11-27\n"), want: "is empty"},
		"a replacement":          {prepare: mod("module example.com/root/otel\n\nreplace example.com/root => ../\n"), want: "has replacements"},
		"another path":           {prepare: mod("module example.com/otel\n"), want: "is the module example.com/otel"},
		"a nested requires one":  {prepare: mod("module example.com/root/otel\n\nrequire example.com/root/cmd v0.0.0\n"), want: "may require the root only"},
		"a hook that fails late": {prepare: func(t *testing.T, dir string) { writeHook(t, dir) }, want: "git commit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := repository(t, twoModules())
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			if c.version == "" {
				c.version = version
			}
			state := func() string {
				return git(t, dir, "rev-parse", "HEAD") + git(t, dir, "tag", "--list") + git(t, dir, "status", "--porcelain")
			}
			before := state()
			if _, err := release(t.Context(), dir, c.version); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
			if diff := cmp.Diff(before, state()); diff != "" {
				t.Errorf("the repository changed: -before +after\n%s", diff)
			}
		})
	}
}

// writeHook makes every commit fail.
func writeHook(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, ".git", "hooks", "pre-commit")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}
