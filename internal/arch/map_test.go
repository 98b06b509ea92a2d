package arch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMapIsComplete: ARCHITECTURE.md names every package, and the table of arrows no other.
func TestMapIsComplete(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	packages := list(t)
	for name := range arrows(t) {
		if _, there := packages[module+"/"+name]; !there {
			t.Errorf("%s is in testdata/arrows.txt and not there", name)
		}
		if !strings.Contains(string(text), "\n    "+name+" ") {
			t.Errorf("ARCHITECTURE.md does not place %s", name)
		}
	}
}
