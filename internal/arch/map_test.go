package arch

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// row is a package in the tables of ARCHITECTURE.md's map: its path in the module, and what it
// imports.
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]*)\\| [^|]+ \\|$")

// documented returns what each package imports according to ARCHITECTURE.md.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n## The map\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	rows := row.FindAllStringSubmatch(section, -1)
	if len(rows) == 0 {
		t.Fatal("ARCHITECTURE.md has no map")
	}
	imports := map[string][]string{}
	for _, r := range rows {
		if _, twice := imports[r[1]]; twice {
			t.Errorf("%s is twice in ARCHITECTURE.md", r[1])
		}
		imports[r[1]] = slices.Sorted(strings.SplitSeq(strings.TrimSpace(r[2]), ", "))
	}
	return imports
}

// shown returns how the map writes an import path, or "" if it leaves it out as it does the
// standard library.
func shown(path string, packages map[string]listed) string {
	switch {
	case path == "testing": // production code has to say why it imports it
		return path
	case path == "unsafe" || packages[path].Standard || !strings.Contains(strings.Split(path, "/")[0], "."):
		return ""
	}
	path = strings.TrimPrefix(path, module+"/")
	return strings.TrimPrefix(path, "github.com/")
}

// TestMapIsExact holds ARCHITECTURE.md's map: it has each package, and exactly the imports that the
// code has.
func TestMapIsExact(t *testing.T) {
	t.Parallel()
	documented, packages := documented(t), list(t)
	maps.Copy(packages, nested(t))
	for name := range documented {
		if _, there := packages[module+"/"+name]; !there {
			t.Errorf("%s is in ARCHITECTURE.md and not in the module", name)
		}
	}
	for path, p := range packages {
		name, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			continue
		}
		imports := []string{}
		for _, imported := range p.Imports {
			if s := shown(imported, packages); s != "" {
				imports = append(imports, s)
			}
		}
		slices.Sort(imports)
		want, known := documented[name]
		if !known {
			t.Errorf("ARCHITECTURE.md does not have %s: add it to the map with its imports: %s", name, strings.Join(imports, ", "))
			continue
		}
		if len(imports) == 0 {
			imports = []string{""}
		}
		if diff := cmp.Diff(want, imports); diff != "" {
			t.Errorf("%s imports (-ARCHITECTURE.md +code):\n%s", name, diff)
		}
	}
}
