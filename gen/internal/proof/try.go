package proof

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
)

// Try generates the types of schemas, compiles and vets them all at once, puts random documents to
// every definition, and writes what it found. An error says that the generator refused a schema, or
// that it made something wrong of it. root names the type of the document itself, and files has the
// files of URIs that the schemas refer to.
func Try(ctx context.Context, dir string, schemas []string, root string, files map[string]string, seed uint64, documents int, out io.Writer) error {
	m, err := NewModule(ctx, dir)
	if err != nil {
		return err
	}
	m.Map = files
	report := &Report{}
	var targets []*target
	var packages []*Package
	for i, schema := range schemas {
		if schema, err = filepath.Abs(schema); err != nil {
			return err
		}
		report.Schemas++
		p, err := m.AddFile(fmt.Sprintf("target%d", i), schema, root)
		if err != nil {
			report.Refused++
			fmt.Fprintf(out, "refused: %v\n", err)
			continue
		}
		describe(out, p)
		of, err := targetsOf(p)
		if err != nil {
			report.fail("the validator does not read %s: %v", p.Schema, err)
			continue
		}
		targets, packages = append(targets, of...), append(packages, p)
	}
	if err := report.run(ctx, m, rand.New(rand.NewPCG(seed, 2)), targets, documents); err != nil {
		return err
	}
	if err := m.Vet(ctx); err != nil {
		return err
	}
	for _, p := range packages {
		if p.Failure != "" {
			report.fail("%s: %s", p.Schema, p.Failure)
		}
	}
	for _, failure := range report.Failures {
		fmt.Fprintln(out, "failure:", failure)
	}
	fmt.Fprintf(out, "%d schemas, %d refused; %d of %d definitions had documents: %d documents, %d accepted, %d through msgpack, %d with numbers out of range, %d failures\n",
		report.Schemas, report.Refused, report.Types, len(targets), report.Documents, report.Accepted, report.Packed, report.Ranges, len(report.Failures))
	if n := len(report.Failures); n > 0 || report.Refused > 0 {
		return fmt.Errorf("%d schemas are refused, %d failures", report.Refused, n)
	}
	return nil
}

// describe writes what became of a schema.
func describe(out io.Writer, p *Package) {
	for _, note := range p.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	definitions := 0
	for _, t := range p.Types {
		if t.Schema != "" {
			definitions++
		}
	}
	fmt.Fprintf(out, "%s: %d definitions are generated, with %d types within them; %d are skipped, %d notes\n",
		filepath.Base(p.Schema), definitions, len(p.Types)-definitions, len(p.Skipped), len(p.Notes))
	for _, skipped := range p.Skipped {
		fmt.Fprintln(out, "skipped:", skipped)
	}
}
