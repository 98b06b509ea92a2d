// Package proof compiles what the generator makes of many schemas at once and
// puts documents to it: the JSON-Schema-Test-Suite, random schemas against an independent
// validator, and any other schema. The runner of the documents is
// a program of its own, because code that was just generated cannot be linked into a test.
package proof

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/xraph/dispatch/gen"
	"github.com/xraph/dispatch/gen/internal/source"
)

// Module is a Go module of generated packages in a directory of its own. It is
// not safe for concurrent use.
type Module struct {
	Dir string
	// Formats is what the formats of its schemas say.
	Formats gen.Formats
	// Map has the files of URIs that its schemas refer to, as [gen.Config] has it.
	Map map[string]string

	packages map[string]*Package
	order    []*Package
}

// Package is what one schema became.
type Package struct {
	Name    string
	Schema  string            // its file
	Map     map[string]string // the files of URIs that it refers to
	Types   []gen.Type
	Skipped []string
	Notes   []string
	// Failure is what the compiler, or go vet, said; "" if nothing.
	Failure string
}

// NewModule makes a module in dir that uses the dispatch module of the working directory.
func NewModule(ctx context.Context, dir string) (*Module, error) {
	out, err := command(ctx, ".", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/xraph/dispatch")
	if err != nil {
		return nil, err
	}
	root := strings.TrimSpace(out)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return nil, err
	}
	// The same requirements, so that nothing needs to be looked up.
	text := bytes.Replace(mod, []byte("module github.com/xraph/dispatch"), []byte("module proof"), 1)
	text = fmt.Appendf(text, "\nrequire github.com/xraph/dispatch v0.0.0\n\nreplace github.com/xraph/dispatch => %s\n", root)
	m := &Module{Dir: dir, packages: map[string]*Package{}}
	for name, data := range map[string][]byte{"go.mod": text, "go.sum": sum} {
		if err := m.write(name, data); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Module) write(name string, data []byte) error {
	path := filepath.Join(m.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// Add generates a package from a schema's text. root names the type of the
// document itself, "" if it need not have one. For the generator's errors see [Refusal].
func (m *Module) Add(name string, schema []byte, root string) (*Package, error) {
	if err := m.write(name+"/schema.json", schema); err != nil {
		return nil, err
	}
	return m.AddFile(name, filepath.Join(m.Dir, name, "schema.json"), root)
}

// AddFile is Add for a schema in another directory, beside the files that it refers to.
func (m *Module) AddFile(name, schema, root string) (*Package, error) {
	return m.AddConfig(gen.Config{Schema: schema, Package: name, Root: root, Formats: m.Formats, Map: m.Map})
}

// AddConfig adds what a configuration generates as types, in a package of its name.
func (m *Module) AddConfig(cfg gen.Config) (*Package, error) {
	name := cfg.Package
	cfg.Target, cfg.Out = gen.Types, filepath.Join(m.Dir, name, "zz_generated.go")
	out, err := gen.Generate(cfg)
	if err != nil {
		return nil, err
	}
	for _, f := range out.Files {
		if err := m.write(name+"/"+filepath.Base(f.Name), f.Data); err != nil {
			return nil, err
		}
	}
	registry, err := register(name, out)
	if err != nil {
		return nil, err
	}
	if err := m.write(name+"/registry.go", registry); err != nil {
		return nil, err
	}
	p := &Package{Name: name, Schema: cfg.Schema, Map: cfg.Map, Types: out.Types, Skipped: out.Skipped, Notes: out.Notes}
	m.packages[name] = p
	m.order = append(m.order, p)
	return p, nil
}

// Refusal reports whether an error says what is wrong with a schema, and where. Any
// other error of the generator is a defect of the generator.
func Refusal(err error) bool {
	var problems source.Problems
	return errors.As(err, &problems)
}

//go:embed runner.go.txt
var runner []byte

// Build compiles every package, notes what does not compile, and returns the
// runner of the others.
func (m *Module) Build(ctx context.Context) (*Runner, error) {
	if err := m.check(ctx, "build"); err != nil {
		return nil, err
	}
	var list bytes.Buffer
	list.WriteString("package main\n\nimport (\n")
	for _, p := range m.sound() {
		fmt.Fprintf(&list, "\t%q\n", "proof/"+p.Name)
	}
	list.WriteString(")\n\nfunc init() {\n")
	for _, p := range m.sound() {
		fmt.Fprintf(&list, "\tregister(%q, %s.Registry)\n", p.Name, p.Name)
	}
	list.WriteString("}\n")
	for name, data := range map[string][]byte{"runner/main.go": runner, "runner/packages.go": list.Bytes()} {
		if err := m.write(name, data); err != nil {
			return nil, err
		}
	}
	program := filepath.Join(m.Dir, "runner", "runner.exe")
	if _, err := m.run(ctx, "build", "-o", program, "./runner"); err != nil {
		return nil, err
	}
	return &Runner{program: program}, nil
}

// Vet runs go vet and notes what it says.
func (m *Module) Vet(ctx context.Context) error { return m.check(ctx, "vet") }

func (m *Module) sound() []*Package {
	return slices.DeleteFunc(slices.Clone(m.order), func(p *Package) bool { return p.Failure != "" })
}

var complaint = regexp.MustCompile(`(?m)^(?:vet: )?(?:\./)?(\w+)/\w+\.go:\d+:\d+: .*$`)

// check runs a command of go on the packages and notes what it says of each.
func (m *Module) check(ctx context.Context, verb string) error {
	args := []string{verb}
	if verb == "build" {
		args = append(args, "-gcflags=-e")
	}
	for _, p := range m.sound() {
		args = append(args, "./"+p.Name)
	}
	if len(args) == 1 || args[len(args)-1] == "-gcflags=-e" {
		return nil
	}
	out, err := m.run(ctx, args...)
	if err == nil {
		return nil
	}
	found := false
	for _, match := range complaint.FindAllStringSubmatch(out, -1) {
		if p := m.packages[match[1]]; p != nil {
			found = true
			if p.Failure == "" {
				p.Failure = match[0]
			}
		}
	}
	if !found {
		return err
	}
	return nil
}

// run runs a go command in the module.
func (m *Module) run(ctx context.Context, args ...string) (string, error) {
	return command(ctx, m.Dir, "go", append([]string{args[0], "-mod=mod"}, args[1:]...)...)
}

// command returns what a command printed, errors among it.
func command(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args[:min(len(args), 3)], " "), err, out[:min(len(out), 4000)])
	}
	return string(out), nil
}
