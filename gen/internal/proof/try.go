package proof

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
)

// Try generates the types of a given schema, compiles and vets them, puts
// random documents to every definition, and writes what it found. An error says that the generator
// refused the schema, or that it made something wrong of it.
func Try(ctx context.Context, dir, schema, root string, seed uint64, documents int, out io.Writer) error {
	m, err := NewModule(ctx, dir)
	if err != nil {
		return err
	}
	if schema, err = filepath.Abs(schema); err != nil {
		return err
	}
	p, err := m.AddFile("target", schema, root)
	if err != nil {
		return err
	}
	for _, note := range p.Notes {
		fmt.Fprintln(out, "note:", note)
	}
	definitions := 0
	for _, t := range p.Types {
		if t.Schema != "" {
			definitions++
		}
	}
	fmt.Fprintf(out, "%d definitions are generated, with %d types within them; %d are skipped, %d notes\n",
		definitions, len(p.Types)-definitions, len(p.Skipped), len(p.Notes))
	for _, skipped := range p.Skipped {
		fmt.Fprintln(out, "skipped:", skipped)
	}
	report := &Report{Schemas: 1}
	targets, err := targetsOf(p)
	if err != nil {
		return err
	}
	if err := report.run(ctx, m, rand.New(rand.NewPCG(seed, 2)), targets, documents); err != nil {
		return err
	}
	if err := m.Vet(ctx); err != nil {
		return err
	}
	if p.Failure != "" && len(report.Failures) == 0 {
		report.fail("go vet: %s", p.Failure)
	}
	for _, failure := range report.Failures {
		fmt.Fprintln(out, "failure:", failure)
	}
	fmt.Fprintf(out, "%d of %d definitions had documents: %d documents, %d accepted, %d through msgpack, %d with numbers out of range, %d failures\n",
		report.Types, definitions, report.Documents, report.Accepted, report.Packed, report.Ranges, len(report.Failures))
	if n := len(report.Failures); n > 0 {
		return fmt.Errorf("%d failures", n)
	}
	return nil
}
