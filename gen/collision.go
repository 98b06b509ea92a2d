package gen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/xraph/dispatch/gen/internal/emit"
	"github.com/xraph/dispatch/gen/internal/model"
	"github.com/xraph/dispatch/gen/internal/source"
)

// collisions reports what the schema names like something that is written by
// hand in the package that the code is for.
func collisions(m *model.Model, cfg Config) error {
	targets := map[emit.Target][]model.Target{
		emit.Client: {model.Client}, emit.Wire: {model.Wire}, emit.Types: {model.Client, model.Wire},
	}[emit.Target(cfg.Target)]
	declared, err := handWritten(cfg)
	if err != nil {
		return err
	}
	if err := withoutRuntime(cfg, declared); err != nil || targets == nil {
		return err
	}
	var problems source.Problems
	for _, id := range m.Identifiers(targets...) {
		if at, ok := declared[id.Receiver+"."+id.Name]; ok {
			name := id.Name
			if id.Receiver != "" {
				name = "(*" + id.Receiver + ")." + name
			}
			problems.Add(id.Value, cmp.Or(id.Rename, `rename one of them, in the schema with "go", "x-dwp-go-name" or "x-dwp-go-prefix"`),
				"the Go name %s is declared at %s too", name, at)
		}
	}
	return problems.Err()
}

// withoutRuntime reports a target that is half of a package whose other half is not there: what is
// printed would not compile.
func withoutRuntime(cfg Config, declared map[string]string) error {
	needs := map[Target]string{Client: "Client", Server: "errUnknownMethod"}[cfg.Target]
	if needs == "" || declared["."+needs] != "" {
		return nil
	}
	return fmt.Errorf("gen: the target %s completes a package written by hand, and no file of package %s in %s declares %s: "+
		"the target types needs no other code", cfg.Target, cfg.Package, filepath.Dir(cfg.Out), needs)
}

// handWritten finds the declarations of the package's other files, methods under "Receiver.Name".
func handWritten(cfg Config) (map[string]string, error) {
	dir := filepath.Dir(cfg.Out)
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	generated := map[string]bool{}
	for _, part := range emit.Parts {
		generated[filepath.Base(fileName(cfg.Out, part))] = true
	}
	declared := map[string]string{}
	files := token.NewFileSet()
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || generated[name] {
			continue
		}
		file, err := parser.ParseFile(files, filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil || file.Name.Name != cfg.Package {
			continue // the compiler's business
		}
		for _, d := range file.Decls {
			declaredBy(d, func(key string, pos token.Pos) {
				declared[key] = filepath.ToSlash(files.Position(pos).String())
			})
		}
	}
	return declared, nil
}

func declaredBy(d ast.Decl, add func(key string, pos token.Pos)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		receiver := ""
		if d.Recv != nil && len(d.Recv.List) == 1 {
			t := d.Recv.List[0].Type
			if star, ok := t.(*ast.StarExpr); ok {
				t = star.X
			}
			if id, ok := t.(*ast.Ident); ok {
				receiver = id.Name
			}
		}
		add(receiver+"."+d.Name.Name, d.Name.Pos())
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				add("."+spec.Name.Name, spec.Name.Pos())
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					add("."+name.Name, name.Pos())
				}
			}
		}
	}
}
