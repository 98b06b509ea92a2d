package schema_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/xraph/dispatch/schema"
)

// TestReadmeExplainsEveryKeyword holds README.md to the meta-schema: a section
// for each keyword, and examples that it accepts.
func TestReadmeExplainsEveryKeyword(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)

	document := parse(t, schema.Vocabulary)
	known := map[string]bool{}
	for _, pointer := range []string{"/properties", "/$defs/keywords/properties"} {
		keywords, err := lookup(document, pointer)
		if err != nil {
			t.Fatal(err)
		}
		for keyword := range keywords {
			known[keyword] = true
			if !strings.Contains(readme, "\n### `"+keyword+"`\n") {
				t.Errorf("no section on %s", keyword)
			}
		}
	}
	for _, section := range regexp.MustCompile("(?m)^### `(.*)`$").FindAllStringSubmatch(readme, -1) {
		if !known[section[1]] {
			t.Errorf("a section on %s, which does not exist", section[1])
		}
	}

	vocabulary := compile(t, vocabularyURL)
	shown := map[string]bool{}
	for _, fence := range regexp.MustCompile("(?s)\n```json\n(.*?)\n```").FindAllStringSubmatch(readme, -1) {
		if err := vocabulary.Validate(parse(t, []byte(fence[1]))); err != nil {
			t.Errorf("%#v in:\n%s", err, fence[1])
		}
		for keyword := range known {
			if strings.Contains(fence[1], `"`+keyword+`"`) {
				shown[keyword] = true
			}
		}
	}
	for keyword := range known {
		if !shown[keyword] {
			t.Errorf("no example shows %s", keyword)
		}
	}
}
