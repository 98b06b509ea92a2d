package gen_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/xraph/dispatch/gen"
)

const (
	protocolSchema = "../schema/dwp.json"
	protocolDocs   = "../docs/PROTOCOL.md"
)

// TestReferenceIsCurrent: docs/PROTOCOL.md is what the schema gives.
func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	out, err := gen.Docs(gen.DocsConfig{Schema: protocolSchema, Out: protocolDocs})
	if err != nil {
		t.Fatal(err)
	}
	diff, err := out.Diff()
	if err != nil {
		t.Fatal(err)
	}
	if diff != "" {
		t.Errorf("stale: run go generate ./...\n%s", diff)
	}
}

// TestLinksOfTheReferenceLeadSomewhere: every link has its anchor, and no anchor is repeated.
func TestLinksOfTheReferenceLeadSomewhere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.FromSlash(protocolDocs))
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllSubmatch(text, -1) {
		if anchors[string(m[1])] {
			t.Errorf("the anchor %s stands twice", m[1])
		}
		anchors[string(m[1])] = true
	}
	links := regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllSubmatch(text, -1)
	if len(links) < 50 {
		t.Errorf("only %d links", len(links))
	}
	for _, m := range links {
		if !anchors[string(m[1])] {
			t.Errorf("no anchor %s", m[1])
		}
	}
}
