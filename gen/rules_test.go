package gen_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xraph/dispatch/gen"
)

// changes of the protocol, as a contributor would make them in dwp.json: a new method
// with arguments and options, a new optional member, a new value of an enum, a new event.
var changes = []struct{ before, after string }{
	{
		`"job.list": {"status": 405},`,
		`"job.pause": {
      "go": "PauseJob",
      "description": "Keeps a pending job from being started.",
      "request": {"$ref": "#/$defs/PauseJobRequest"},
      "response": {"$ref": "#/$defs/PauseJobResult"},
      "args": ["job_id"],
      "scope": "job:write",
      "idempotency": "idempotent"
    },
    "job.list": {"status": 405},`,
	},
	{
		`"priority": {"description": "Ranks the job`,
		`"run_at": {"description": "Keeps the job from being run before this time.", "type": "string", "format": "date-time"},
        "priority": {"description": "Ranks the job`,
	},
	{
		`"enum": ["pending", "running", "completed", "failed", "retrying", "cancelled"],`,
		`"enum": ["pending", "running", "completed", "failed", "retrying", "cancelled", "paused"],`,
	},
	{`"cron.fired"
      ],`, `"cron.fired", "job.paused"
      ],`},
	{
		`"x-dwp-events": {`,
		`"x-dwp-events": {
        "job.paused": {"payload": {"$ref": "#/$defs/PauseEvent"}, "description": "A job was paused."},`,
	},
	{
		`"CronEvent": {`,
		`"PauseEvent": {"title": "who was paused", "type": "object", "properties": {"job_id": {"type": "string", "minLength": 1}}, "required": ["job_id"]},
    "PauseJobRequest": {
      "title": "the data of a job.pause request",
      "type": "object",
      "properties": {
        "job_id": {"type": "string", "minLength": 1},
        "reasons": {"description": "Says why.", "type": "array", "items": {"type": "string"}},
        "queue": {"description": "Looks in this queue only.", "type": "string", "minLength": 1}
      },
      "required": ["job_id"]
    },
    "PauseJobResult": {"title": "what became of the job", "type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]},
    "CronEvent": {`,
	},
}

// TestAChangeOfTheSchemaIsAllThatIsNeeded: the changed schema regenerates the client and the wire;
// without any other change they compile against the runtime, and what is new works. The
// server does not compile until the new method is served.
func TestAChangeOfTheSchemaIsAllThatIsNeeded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, part := range []string{"client", "codec", "devserver", "internal/faultframe", "internal/jsonnumber", "internal/jsonpointer", "internal/quote", "internal/websock", "internal/wire", "schema"} {
		copySources(t, filepath.Join("..", filepath.FromSlash(part)), filepath.Join(dir, filepath.FromSlash(part)))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		duplicate(t, filepath.Join("..", name), filepath.Join(dir, name))
	}
	duplicate(t, filepath.Join("testdata", "rules", "main.go"), filepath.Join(dir, "rules", "main.go"))
	schema := filepath.Join(dir, "schema", "dwp.json")
	text, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	changed := string(text)
	for _, c := range changes {
		if strings.Count(changed, c.before) != 1 {
			t.Fatalf("the schema has not exactly one %s", c.before)
		}
		changed = strings.Replace(changed, c.before, c.after, 1)
	}
	if err := os.WriteFile(schema, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	regenerate(t, dir, "client", "client")
	regenerate(t, dir, "wire", "internal/wire")
	if out, err := goCommand(t, dir, "vet", "./..."); err != nil {
		t.Fatalf("the changed protocol does not compile: %v\n%s", err, out)
	}
	if out, err := goCommand(t, dir, "run", "./rules"); err != nil {
		t.Fatalf("what is new does not work: %v\n%s", err, out)
	}
	regenerate(t, dir, "server", "devserver")
	out, err := goCommand(t, dir, "build", "./devserver")
	if err == nil || !strings.Contains(out, "missing method PauseJob") {
		t.Errorf("a server that does not serve the method compiles: %v\n%s", err, out)
	}
}

// TestDecodersOfTheFrameKnowEveryMember: a member that is added to a type whose decoder is written
// by hand, which would drop it, does not compile until the decoder reads it.
func TestDecodersOfTheFrameKnowEveryMember(t *testing.T) {
	t.Parallel()
	for name, guard := range map[string]string{"Frame": "frameMembers", "ErrorDetail": "errorMembers", "EventEnvelope": "envelopeMembers"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, part := range []string{"codec", "internal/jsonnumber", "internal/jsonpointer", "internal/quote", "internal/wire", "schema"} {
				copySources(t, filepath.Join("..", filepath.FromSlash(part)), filepath.Join(dir, filepath.FromSlash(part)))
			}
			for _, name := range []string{"go.mod", "go.sum"} {
				duplicate(t, filepath.Join("..", name), filepath.Join(dir, name))
			}
			schema := filepath.Join(dir, "schema", "dwp.json")
			text, err := os.ReadFile(schema)
			if err != nil {
				t.Fatal(err)
			}
			before, definition, ok := strings.Cut(string(text), "\n    \""+name+"\": {")
			if !ok {
				t.Fatalf("the schema has no %s", name)
			}
			definition = strings.Replace(definition, `"properties": {`, `"properties": {"tenant": {"description": "New.", "type": "string", "minLength": 1},`, 1)
			if err := os.WriteFile(schema, []byte(before+"\n    \""+name+"\": {"+definition), 0o600); err != nil {
				t.Fatal(err)
			}
			regenerate(t, dir, "wire", "internal/wire")
			out, err := goCommand(t, dir, "build", "./internal/wire")
			if err == nil || !strings.Contains(out, guard) {
				t.Errorf("a decoder that drops a member compiles: %v\n%s", err, out)
			}
		})
	}
}

func regenerate(t *testing.T, dir, target, pkg string) {
	t.Helper()
	out, err := gen.Generate(gen.Config{
		Schema: filepath.Join(dir, "schema", "dwp.json"), Target: gen.Target(target), Package: filepath.Base(pkg),
		Out: filepath.Join(dir, filepath.FromSlash(pkg), "zz_generated.go"), Strict: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Write(); err != nil {
		t.Fatal(err)
	}
}

func goCommand(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copySources copies a package, and those below it, without tests.
func copySources(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".json") {
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		duplicate(t, path, filepath.Join(to, rel))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func duplicate(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
