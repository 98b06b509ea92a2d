package gen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen"
	"github.com/xraph/dispatch/gen/internal/proof"
)

func badCases(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "bad", "*.json"))
	if err != nil || len(names) < 60 {
		t.Fatalf("%d bad cases, %v", len(names), err)
	}
	return names
}

func TestBadSchemasAreRefusedInTheseWords(t *testing.T) {
	t.Parallel()
	for _, name := range badCases(t) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cfg := gen.Config{Schema: name, Target: "types", Package: "bad", Out: filepath.Join(dir, "zz_generated.go")}
			if overlay := filepath.Join("testdata", "bad", "overlay", filepath.Base(name)); exists(overlay) {
				cfg.Names = overlay
			}
			out, err := gen.Generate(cfg)
			if err == nil {
				t.Fatalf("the schema is not refused and becomes\n%s", out.Files[0].Data)
			}
			if !proof.Refusal(err) {
				t.Errorf("an error, and no refusal with positions: %v", err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("something was written: %v, %v", left, err)
			}
			compareFile(t, strings.TrimSuffix(name, ".json")+".txt", here(err.Error())+"\n")
		})
	}
}

// TestEveryMessageHasACase reads the messages out of the sources and looks for each among what the
// bad cases, and the remarks of the goldens, expect.
func TestEveryMessageHasACase(t *testing.T) {
	t.Parallel()
	expected := map[bool]string{}
	for remark, pattern := range map[bool]string{false: "testdata/bad/*.txt", true: "testdata/golden/*/notes.txt"} {
		names, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			expected[remark] += string(text)
		}
	}
	found := 0
	for _, dir := range []string{"internal/source", "internal/parse", "internal/model"} {
		for _, m := range messagesOf(t, filepath.FromSlash(dir)) {
			found++
			if !m.pattern.MatchString(expected[m.remark]) {
				t.Errorf("%s: no case for %q", m.at, m.format)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d messages found in the sources", found)
	}
}

// message is what the sources say of a schema at one place.
type message struct {
	at      token.Position
	format  string
	pattern *regexp.Regexp // what the format becomes
	remark  bool           // a warning or an annotation, which is not an error
}

func messagesOf(t *testing.T, dir string) []message {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []message
	files := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if format, remark, ok := messageOf(call); ok {
				out = append(out, message{files.Position(call.Pos()), format, patternOf(format), remark})
			}
			return true
		})
	}
	return out
}

// messageOf recognizes calls of Problems.Add and of the reader's fail and problem.
func messageOf(call *ast.CallExpr) (format string, remark, ok bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false, false
	}
	of := ""
	switch x := sel.X.(type) {
	case *ast.Ident:
		of = x.Name
	case *ast.SelectorExpr:
		of = x.Sel.Name
	}
	place := map[string]int{"problems.Add": 2, "warnings.Add": 2, "annotations.Add": 2, "r.fail": 0, "r.problem": 1}
	i, ok := place[of+"."+sel.Sel.Name]
	if !ok || i >= len(call.Args) {
		return "", false, false
	}
	lit, ok := call.Args[i].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false, false
	}
	format, err := strconv.Unquote(lit.Value)
	return format, of == "warnings" || of == "annotations", err == nil && format != ""
}

var verb = regexp.MustCompile(`%[a-z]`)

// patternOf matches what a format becomes, where a message has its place in a line.
func patternOf(format string) *regexp.Regexp {
	parts := verb.Split(format, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`(?m): ` + strings.Join(parts, `.+`) + `(: |$)`)
}
