package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/xraph/dispatch"

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath string   `json:"ImportPath"`
	Standard   bool     `json:"Standard"`
	Imports    []string `json:"Imports"`
	Deps       []string `json:"Deps"`
}

// list returns what `go list -deps` says of the module's packages and all that
// they need, by import path.
func list(t *testing.T) map[string]listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps", module+"/...")
	cmd.Env = append(os.Environ(), "GOWORK=off") // as importers get it
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	packages := map[string]listed{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// TestClientNeedsLittle says what an importer of the client takes in: two
// libraries, one of which needs a third, and the standard library.
func TestClientNeedsLittle(t *testing.T) {
	t.Parallel()
	packages := list(t)
	allowed := []string{
		module + "/client/...", module + "/codec/...",
		module + "/internal/jsonnumber", module + "/internal/jsonpointer", module + "/internal/quote",
		module + "/internal/websock", module + "/internal/wire",
		"github.com/gobwas/...", "github.com/tinylib/msgp/msgp", "github.com/philhofer/fwd",
	}
	for _, dep := range packages[module+"/client"].Deps {
		if packages[dep].Standard || slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, dep) }) {
			continue
		}
		t.Errorf("client needs %s", dep)
	}
}

// matches reports whether a path is the pattern, or lies below a pattern that ends in "/...".
func matches(pattern, path string) bool {
	if root, below := strings.CutSuffix(pattern, "/..."); below {
		return path == root || strings.HasPrefix(path, root+"/")
	}
	return path == pattern
}
