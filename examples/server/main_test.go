package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

// quickStart is the README's Go code.
func quickStart(t *testing.T) string {
	t.Helper()
	code := regexp.MustCompile("(?s)\n## Quick start\n.*?\n```go\n(.*?)\n```\n").FindStringSubmatch(read(t, "README.md"))
	if code == nil {
		t.Fatal("README.md has no quick start")
	}
	if n := strings.Count(code[1], "\n") + 1; n > 16 {
		t.Errorf("the quick start has %d lines; 16 are enough", n)
	}
	return code[1]
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTheQuickStartIsACompiledExample compares the README with the client's example.
func TestTheQuickStartIsACompiledExample(t *testing.T) {
	t.Parallel()
	indented := "func Example_quickStart() {\n\t" + strings.ReplaceAll(quickStart(t), "\n", "\n\t") + "\n}\n"
	if !strings.Contains(read(t, "client/example_test.go"), indented) {
		t.Errorf("Example_quickStart of client/example_test.go is not\n%s", indented)
	}
}

// TestTheQuickStartHasATimeout: without one, a call waits for as long as there is no connection.
func TestTheQuickStartHasATimeout(t *testing.T) {
	t.Parallel()
	if !strings.HasPrefix(quickStart(t), "ctx, cancel := context.WithTimeout(") {
		t.Error("the quick start has no timeout")
	}
}

// TestTheQuickStartRuns runs it against this server. Only the port is another.
func TestTheQuickStartRuns(t *testing.T) {
	t.Parallel()
	srv := newServer()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	code := strings.Replace(quickStart(t), "ws://localhost:8080/dwp", srv.URL(), 1)
	program := filepath.Join(t.TempDir(), "main.go")
	text := "package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"log\"\n\t\"time\"\n\n\t\"github.com/xraph/dispatch/client\"\n)\n\nfunc main() {\n" + code + "\n}\n"
	if err := os.WriteFile(program, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", program)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !regexp.MustCompile(`^job_\w{26} is completed\n$`).Match(out) {
		t.Errorf("it printed %s", out)
	}
}

func TestTheDocumentedWorkflowRuns(t *testing.T) {
	t.Parallel()
	srv := newServer()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	c, err := client.DialContext(t.Context(), srv.URL(), client.WithToken(devserver.DefaultToken))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	run, err := c.StartWorkflow(t.Context(), "order-pipeline", map[string]string{"order_id": "ORD-001"})
	if err != nil || run.State != string(client.RunStateCompleted) {
		t.Errorf("the run: %+v, %v", run, err)
	}
}
