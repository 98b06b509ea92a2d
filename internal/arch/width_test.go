package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// maxColumns bounds comments and documents; a tab counts as four. Tables, code, URLs and generated
// files are excepted.
const maxColumns = 100

func columns(line string) int { return utf8.RuneCountInString(line) + 3*strings.Count(line, "\t") }

// sources calls f for each file of the repository with this extension, testdata excepted.
func sources(t *testing.T, extension string, f func(path string, text []byte)) {
	t.Helper()
	files := os.DirFS(root)
	found := 0
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "testdata" || name == "bin" || strings.HasPrefix(name, ".") && name != "." {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != extension {
			return nil
		}
		text, err := fs.ReadFile(files, path)
		if err == nil {
			found++
			f(path, text)
		}
		return err
	})
	if err != nil || found == 0 {
		t.Fatalf("%d files, %v", found, err)
	}
}

func TestCommentsAreAtMostAHundredColumnsWide(t *testing.T) {
	t.Parallel()
	sources(t, ".go", func(path string, text []byte) {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		// whose comments are being reworded
		if ast.IsGenerated(file) {
			return
		}
		lines := strings.Split(string(text), "\n")
		for _, group := range file.Comments {
			if strings.Contains(group.List[0].Text, "utput:") { // of an example
				continue
			}
			for _, comment := range group.List {
				if isExcepted(comment.Text) {
					continue
				}
				from, to := files.Position(comment.Pos()).Line, files.Position(comment.End()).Line
				for n := from; n <= to; n++ {
					if columns(lines[n-1]) > maxColumns {
						t.Errorf("%s:%d: a comment beyond %d columns", path, n, maxColumns)
					}
				}
			}
		}
	})
}

// isExcepted reports whether a comment is a directive, or has a URL, or is code or a table of a doc
// comment.
func isExcepted(comment string) bool {
	return strings.HasPrefix(comment, "//\t") || strings.Contains(comment, "://") ||
		regexp.MustCompile(`^//[a-z]+(:|$)`).MatchString(comment)
}

func TestDocumentsAreAtMostAHundredColumnsWide(t *testing.T) {
	t.Parallel()
	sources(t, ".md", func(path string, text []byte) {
		if strings.HasPrefix(string(text), "<!-- Code generated") {
			return
		}
		code := false
		for n, line := range strings.Split(string(text), "\n") {
			fence := strings.HasPrefix(strings.TrimSpace(line), "```")
			code = code != fence
			excepted := code || fence || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "    ") ||
				strings.Contains(line, "://")
			if !excepted && columns(line) > maxColumns {
				t.Errorf("%s:%d: beyond %d columns", path, n+1, maxColumns)
			}
		}
	})
}
