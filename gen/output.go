package gen

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes the file, unless it stands there already, byte for byte.
// Whoever reads it meanwhile sees the old file or the new one.
func (o *Output) Write() error {
	if old, err := os.ReadFile(o.Name); err == nil && bytes.Equal(old, o.Data) {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(o.Name), ".dwpgen-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(o.Data)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), o.Name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// Diff compares the file that stands there with what was generated: "" if they
// are equal, else a unified diff. A file that does not stand there is empty.
func (o *Output) Diff() (string, error) {
	old, err := os.ReadFile(o.Name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return unifiedDiff(filepath.ToSlash(o.Name), string(old), string(o.Data)), nil
}
