package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestReliabilityNamesTestsThatExist holds docs/RELIABILITY.md: what it says is shown by a test,
// and that test exists.
func TestReliabilityNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "RELIABILITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z]+)\\.((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 50 {
		t.Errorf("it names %d tests only: is it written otherwise?", len(named))
	}
	for _, name := range named {
		if pkg, test := name[1], name[2]; !declares(t, pkg, test) {
			t.Errorf("there is no %s in package %s", test, pkg)
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\|.*\|$`).FindAllString(string(text), -1) {
		if !regexp.MustCompile("`[a-z]+\\.(Test|Fuzz)\\w+`|^\\|---|^\\| fault ").MatchString(row) {
			t.Errorf("no test shows: %s", row)
		}
	}
}

// declares reports whether a package of that name, at the top or internal, declares a test.
func declares(t *testing.T, pkg, test string) bool {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func ` + test + `\(`)
	for _, dir := range []string{pkg, filepath.Join("internal", pkg)} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if declaration.Match(source) {
				return true
			}
		}
	}
	return false
}
