package gen_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/gen"
	"github.com/xraph/dispatch/gen/internal/parse"
)

// TestKeywordsAreDocumented: the tables of docs/JSON-SCHEMA.md are those of the parser.
func TestKeywordsAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/JSON-SCHEMA.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parse.Supported(), slices.Sorted(maps.Keys(table(t, string(text), "## Supported keywords")))); diff != "" {
		t.Errorf("supported keywords, in the parser and in the document:\n%s", diff)
	}
	if diff := cmp.Diff(parse.Refused(), table(t, string(text), "## Refused")); diff != "" {
		t.Errorf("refused keywords, in the parser and in the document:\n%s", diff)
	}
}

// table reads the first table under a heading: each keyword of the first column with the second
// column.
func table(t *testing.T, document, heading string) map[string]string {
	t.Helper()
	_, rest, found := strings.Cut(document, heading+"\n\n")
	if !found {
		t.Fatalf("no %s", heading)
	}
	rest, _, _ = strings.Cut(rest, "\n\n")
	keyword := regexp.MustCompile("`([^`]+)`")
	out := map[string]string{}
	for _, line := range strings.Split(rest, "\n")[2:] {
		cells := strings.Split(line, "|")
		for _, m := range keyword.FindAllStringSubmatch(cells[1], -1) {
			if _, twice := out[m[1]]; twice {
				t.Errorf("%s stands twice", m[1])
			}
			out[m[1]] = strings.TrimSpace(cells[2])
		}
	}
	return out
}

func TestFormatsMayBeAnnotations(t *testing.T) {
	t.Parallel()
	for formats, want := range map[gen.Formats]string{"": "time.Time", gen.Assert: "time.Time", gen.Annotate: "string"} {
		out, err := gen.Generate(gen.Config{
			Schema: "testdata/golden/times/schema.json", Target: gen.Types, Package: "times", Out: filepath.Join(t.TempDir(), "zz_generated.go"), Formats: formats,
		})
		if err != nil {
			t.Fatal(err)
		}
		text := string(out.Files[0].Data)
		if !regexp.MustCompile(`\tAt +\*`+want+" ").MatchString(text) || strings.Contains(text, "v.Format(") != (formats != gen.Annotate) {
			t.Errorf("%q gives\n%s", formats, text)
		}
	}
	if _, err := gen.Generate(gen.Config{Schema: protocolSchema, Target: gen.Types, Package: "p", Out: "zz_generated.go", Formats: "maybe"}); err == nil {
		t.Error("an unknown reading of formats is no error")
	}
}
