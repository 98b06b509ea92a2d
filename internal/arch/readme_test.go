package arch

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xraph/dispatch/devserver"
)

const root = "../.."

// quickStart returns the Go of README.md's quick start.
func quickStart(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	fence := regexp.MustCompile("(?s)## Quick start\n.*?```go\n(.*?)```").FindSubmatch(readme)
	if fence == nil {
		t.Fatal("README.md has no quick start")
	}
	return string(fence[1])
}

// TestQuickStartRunsOutside: a module elsewhere that reaches this one through a
// replace builds README.md's quick start, and it does what README.md says.
func TestQuickStartRunsOutside(t *testing.T) {
	t.Parallel()
	srv := devserver.New(devserver.WithQueues("default", "critical"))
	srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer srv.Close()

	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(here, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	requires := regexp.MustCompile(`(?s)require \(.*`).Find(mod)
	sum, err := os.ReadFile(filepath.Join(here, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	code := strings.Replace(quickStart(t), "ws://localhost:8080/dwp", srv.URL(), 1)
	for name, text := range map[string]string{
		"go.mod":  fmt.Sprintf("module example.com/outside\n\ngo 1.26\n\nrequire %s v0.0.0\n\nreplace %[1]s => %s\n\n%s", module, here, requires),
		"go.sum":  string(sum),
		"main.go": "package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"log\"\n\t\"time\"\n\n\t\"" + module + "/client\"\n)\n\nfunc main() {\n" + code + "}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil || !regexp.MustCompile(`^job_\w{26} is completed\n$`).Match(out) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestDocumentsLeadSomewhere: relative links in the documents name files that are there.
func TestDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	var documents []string
	for _, pattern := range []string{"*.md", "*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, found...)
	}
	if len(documents) == 0 {
		t.Fatal("no documents")
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, name := range documents {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range link.FindAllSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), string(to[1]))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
