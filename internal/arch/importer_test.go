package arch

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// importersModules is what `go list -m all` lists in a module that imports client, besides that
// module: what its tools scan and its SBOM names.
var importersModules = []string{
	"github.com/dave/jennifer@v1.7.1",
	"github.com/gobwas/httphead@v0.1.0",
	"github.com/gobwas/ws@v1.5.0",
	"github.com/google/go-cmp@v0.7.0",
	"github.com/philhofer/fwd@v1.2.0",
	"github.com/santhosh-tekuri/jsonschema/v5@v5.3.1",
	"github.com/tinylib/msgp@v1.6.5",
	module + "@v0.0.0",
	"golang.org/x/mod@v0.18.0",
	"golang.org/x/tools@v0.22.0",
}

// TestImporterOfTheClientListsTenModules: neither the nested modules nor the tools reach who
// imports client.
func TestImporterOfTheClientListsTenModules(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(here, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/importer\n\ngo 1.26\n\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + here + "\n",
		"go.sum":  string(sum),
		"main.go": "package main\n\nimport _ \"" + module + "/client\"\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
		}
		return string(out)
	}
	run("build", "-o", os.DevNull, ".") // completes go.mod
	listed := strings.Fields(run("list", "-m", "-f", "{{if not .Main}}{{.Path}}@{{.Version}}{{end}}", "all"))
	// Sorted here, because another path of this module has another place in the list.
	if diff := cmp.Diff(slices.Sorted(slices.Values(importersModules)), slices.Sorted(slices.Values(listed))); diff != "" {
		t.Errorf("-want +listed\n%s", diff)
	}
}
