package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// workspace is the modules of a go.work: the root and the nested ones, which require it.
type workspace struct {
	dir      string
	root     string // its path
	nested   []nested
	replaced []string // the versions of the root that go.work replaces
}

// nested is a module that is released with the root.
type nested struct {
	dir  string // slash-separated, from the repository's root
	path string
}

func readWorkspace(ctx context.Context, dir string) (*workspace, error) {
	out, err := command(ctx, dir, "go", "work", "edit", "-json", "go.work")
	if err != nil {
		return nil, err
	}
	var file struct {
		Use []struct {
			DiskPath string `json:"DiskPath"`
		} `json:"Use"`
		Replace []struct {
			Old struct {
				Path    string `json:"Path"`
				Version string `json:"Version"`
			} `json:"Old"`
		} `json:"Replace"`
	}
	if err := json.Unmarshal([]byte(out), &file); err != nil {
		return nil, fmt.Errorf("go work edit -json: %w", err)
	}
	root, err := readMod(dir)
	if err != nil {
		return nil, err
	}
	w := &workspace{dir: dir, root: root.Module.Mod.Path}
	for _, r := range file.Replace {
		if r.Old.Path == w.root {
			w.replaced = append(w.replaced, r.Old.Version)
		}
	}
	for _, use := range file.Use {
		if use.DiskPath == "." {
			continue
		}
		mod, err := readMod(filepath.Join(dir, use.DiskPath))
		if err != nil {
			return nil, err
		}
		m := nested{dir: strings.TrimPrefix(use.DiskPath, "./"), path: mod.Module.Mod.Path}
		if err := w.accepts(m, mod); err != nil {
			return nil, err
		}
		w.nested = append(w.nested, m)
	}
	return w, nil
}

// dependents returns the go.mod files outside the workspace that replace a nested module by its
// directory, such as that of an example. They have to require what the nested module requires.
func (w *workspace) dependents(ctx context.Context) (names []string, err error) {
	files, err := command(ctx, w.dir, "git", "ls-files", "go.mod", "*/go.mod")
	if err != nil {
		return nil, err
	}
	for name := range strings.FieldsSeq(files) {
		mod, err := readMod(filepath.Join(w.dir, filepath.Dir(name)))
		if err != nil {
			return nil, err
		}
		replacesNested := func(r *modfile.Replace) bool {
			return slices.ContainsFunc(w.nested, func(m nested) bool { return r.Old.Path == m.path })
		}
		if slices.ContainsFunc(mod.Replace, replacesNested) {
			names = append(names, name)
		}
	}
	return names, nil
}

// accepts returns why a nested module cannot be released, if so.
func (w *workspace) accepts(m nested, mod *modfile.File) error {
	if m.path != w.root+"/"+m.dir {
		return fmt.Errorf("%s is the module %s, not %s/%[1]s", m.dir, m.path, w.root)
	}
	if len(mod.Replace) > 0 {
		return fmt.Errorf("%s/go.mod has replacements, which importers do not get and go install refuses", m.dir)
	}
	for _, r := range mod.Require {
		if strings.HasPrefix(r.Mod.Path, w.root+"/") {
			return fmt.Errorf("%s requires %s: nested modules may require the root only", m.dir, r.Mod.Path)
		}
	}
	return nil
}

func readMod(dir string) (*modfile.File, error) {
	name := filepath.Join(dir, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(name, text, nil)
}
