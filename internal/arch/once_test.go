package arch

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestTheCodeOfOnceIsThatOfItsExample: what docs/ONCE.md shows is compiled and run as an example.
func TestTheCodeOfOnceIsThatOfItsExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "ONCE.md"))
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(filepath.Join(root, "client", "example_once_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)\n```go\n(.*?)\n```\n").FindAllSubmatch(page, -1)
	if len(blocks) < 3 {
		t.Fatalf("only %d blocks of code were found", len(blocks))
	}
	for _, block := range blocks {
		if !bytes.Contains(example, block[1]) {
			t.Errorf("client/example_once_test.go has no\n%s", block[1])
		}
	}
}
