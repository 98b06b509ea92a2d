package arch

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxLines bounds a hand-written file: one that is longer holds more than one concept.
const maxLines = 400

func TestFilesStayShort(t *testing.T) {
	t.Parallel()
	root := os.DirFS(filepath.Join("..", ".."))
	self := false
	err := fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "testdata" || name == "bin" || strings.HasPrefix(name, ".") && name != "." {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" || strings.HasPrefix(filepath.Base(path), "zz_generated") {
			return nil
		}
		self = self || path == "internal/arch/length_test.go"
		source, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		if n := bytes.Count(source, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines; the limit is %d", path, n, maxLines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !self {
		t.Error("the walk did not find this file: is it looking in the right place?")
	}
}
