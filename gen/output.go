package gen

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Output is what was generated and has not been written.
type Output struct {
	// Files are the generated files. The first is the one that was asked for; those of the codecs,
	// if the target has any, stand beside it and are named after it: zz_generated_json.go beside
	// zz_generated.go.
	Files []File
	// Leftovers are files of an earlier run that are no longer generated. Write removes them.
	Leftovers []string
	// Notes are remarks about the schema: keywords of no dialect, warnings.
	Notes []string
	// Types are what the files declare, in their order, without those that are only a part
	// of what the schema says at their place.
	Types []Type
	// Skipped are the definitions and members that the schema or Config.Names leaves out, each with
	// its reason.
	Skipped []string
}

// File is a generated file.
type File struct {
	Name string // its path
	Data []byte
}

// Write writes the files that are not already there, byte for byte, and removes the leftovers. A
// reader of a file sees the old one or the new one, and no file is replaced before all are on disk.
func (o *Output) Write() (err error) {
	type replacement struct{ tmp, name string }
	var pending []replacement
	defer func() {
		for _, r := range pending {
			err = errors.Join(err, os.Remove(r.tmp))
		}
	}()
	for _, f := range o.Files {
		if old, err := os.ReadFile(f.Name); err == nil && bytes.Equal(old, f.Data) {
			continue
		}
		tmp, err := os.CreateTemp(filepath.Dir(f.Name), ".dwpgen-*")
		if err != nil {
			return err
		}
		pending = append(pending, replacement{tmp.Name(), f.Name})
		_, err = tmp.Write(f.Data)
		if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
			return err
		}
	}
	for len(pending) > 0 {
		if err := os.Rename(pending[0].tmp, pending[0].name); err != nil {
			return err
		}
		pending = pending[1:]
	}
	for _, name := range o.Leftovers {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// Diff compares the files on disk with what was generated: "" if they are equal, else a unified
// diff of each that differs. A file that does not exist is empty, and so is a
// leftover.
func (o *Output) Diff() (string, error) {
	var diff strings.Builder
	compare := func(name string, data []byte) error {
		old, err := os.ReadFile(name)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			diff.WriteString(unifiedDiff(filepath.ToSlash(name), string(old), string(data)))
			return nil
		}
		return err
	}
	for _, f := range o.Files {
		if err := compare(f.Name, f.Data); err != nil {
			return "", err
		}
	}
	for _, name := range o.Leftovers {
		if err := compare(name, nil); err != nil {
			return "", err
		}
	}
	return diff.String(), nil
}
