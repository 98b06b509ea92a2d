package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// sums returns the lines of a go.sum for the root at a version that is tagged in dir, as the
// checksum database will have them.
func sums(dir, path, version string) (lines string, err error) {
	temp, err := os.MkdirTemp("", "release")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	name := filepath.Join(temp, "module.zip")
	if err := writeZip(name, dir, module.Version{Path: path, Version: version}, version, ""); err != nil {
		return "", err
	}
	sum, err := dirhash.HashZip(name, dirhash.Hash1)
	if err != nil {
		return "", err
	}
	mod, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { return os.Open(filepath.Join(dir, "go.mod")) })
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s %s\n%[1]s %[2]s/go.mod %[4]s\n", path, version, sum, mod), nil
}

// writeZip writes the zip of a module at a tag, as module proxies serve it.
func writeZip(name, dir string, m module.Version, tag, subdir string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = zip.CreateFromVCS(f, m, dir, tag, subdir)
	return errors.Join(err, f.Close())
}

// replaceSums puts the lines of a module into a go.sum, in place of those that it has, in the order
// of go mod tidy.
func replaceSums(name, path, lines string) error {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var out bytes.Buffer
	inserted := false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, path+" ") {
			continue
		}
		if !inserted && line > path+" " {
			out.WriteString(lines)
			inserted = true
		}
		out.WriteString(line)
	}
	if !inserted {
		out.WriteString(lines)
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}
