package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

//go:embed switches.go.txt
var switches string

// target is a package whose code is mutated.
type target struct {
	Dir        string   `json:"Dir"`
	ImportPath string   `json:"ImportPath"`
	Name       string   `json:"Name"`
	GoFiles    []string `json:"GoFiles"`
}

func load(pattern string) (*target, error) {
	out, err := exec.Command("go", "list", "-json=Dir,ImportPath,Name,GoFiles", pattern).Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", pattern, explain(err))
	}
	t := new(target)
	return t, json.Unmarshal(out, t)
}

// explain adds what a command printed to its error.
func explain(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return err
}

// build writes an overlay of the target with all mutants in it, switched off, and returns its name.
// A change that does not compile is left out.
func build(t *target, dir string) (overlay string, mutants []*mutant, err error) {
	skip := make(map[string]bool)
	for range 20 {
		overlay, mutants, err = writeOverlay(t, dir, skip)
		if err != nil {
			return "", nil, err
		}
		out, err := exec.Command("go", "build", "-gcflags=-e", "-overlay", overlay, t.ImportPath).CombinedOutput()
		if err == nil {
			return overlay, mutants, nil
		}
		if !skipBroken(out, mutants, skip) {
			return "", nil, fmt.Errorf("the instrumented package does not compile: %s", out)
		}
	}
	return "", nil, errors.New("the instrumented package does not compile, whatever is left out")
}

func writeOverlay(t *target, dir string, skip map[string]bool) (string, []*mutant, error) {
	replace := make(map[string]string)
	var mutants []*mutant
	next := 0
	for _, name := range t.GoFiles {
		path := filepath.Join(t.Dir, name)
		src, err := os.ReadFile(path)
		if err != nil {
			return "", nil, err
		}
		if bytes.Contains(src, []byte("\n// Code generated ")) || bytes.HasPrefix(src, []byte("// Code generated ")) {
			continue
		}
		instrumented, found, err := instrument(name, src, skip, &next)
		if err != nil {
			return "", nil, err
		}
		mutants = append(mutants, found...)
		replace[path] = filepath.Join(dir, name)
		if err := os.WriteFile(replace[path], instrumented, 0o600); err != nil {
			return "", nil, err
		}
	}
	added := filepath.Join(dir, "zz_mutants.go")
	replace[filepath.Join(t.Dir, "zz_mutants.go")] = added
	if err := os.WriteFile(added, []byte(strings.Replace(switches, "PACKAGE", t.Name, 1)), 0o600); err != nil {
		return "", nil, err
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", nil, err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, mutants, os.WriteFile(overlay, data, 0o600)
}

var position = regexp.MustCompile(`(?m)([^/\s]+\.go):(\d+):`)

// skipBroken adds the mutants on lines with compile errors to skip, and reports whether there are
// any. Increments go first: they are what the types of other integers forbid.
func skipBroken(out []byte, mutants []*mutant, skip map[string]bool) bool {
	broken := make(map[string]bool)
	for _, match := range position.FindAllSubmatch(out, -1) {
		broken[string(match[1])+":"+string(match[2])] = true
	}
	for _, increments := range []bool{true, false} {
		some := false
		for _, m := range mutants {
			if broken[m.file+":"+strconv.Itoa(m.line)] && (m.change == "increment") == increments && !skip[m.String()] {
				skip[m.String()], some = true, true
			}
		}
		if some {
			return true
		}
	}
	return false
}
