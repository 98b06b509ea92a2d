package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/xraph/dispatch/gen/internal/proof"
)

// batch is how many schemas are compiled at once.
const batch = 60

// random compares generated types with the validator, on random schemas.
func random(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("random", flag.ExitOnError)
	seed := flags.Uint64("seed", 1, "of the random schemas and documents")
	count := flags.Int("count", 2*batch, "how many schemas")
	pairs := flags.Int("pairs", 0, "how many documents put to types at least; as many schemas as it takes")
	documents := flags.Int("documents", 40, "how many documents for each type")
	verbose := flags.Bool("v", false, "print why schemas are refused")
	if err := flags.Parse(args); err != nil {
		return err
	}
	failed, put := 0, 0
	for done := 0; done < *count || put < *pairs; done += batch {
		size := batch
		if *pairs == 0 {
			size = min(batch, *count-done)
		}
		err := inTemp(func(dir string) error {
			r, err := proof.Differential(ctx, dir, *seed+uint64(done), size, *documents)
			if err != nil {
				return err
			}
			failed, put = failed+len(r.Failures), put+r.Documents
			for _, failure := range r.Failures {
				fmt.Println(failure)
			}
			if *verbose {
				for _, refusal := range r.Refusals {
					fmt.Println("refused:", refusal)
				}
			}
			fmt.Printf("seed %d: %d schemas, %d refused, %d types, %d documents, %d accepted, %d through msgpack, %d out of range, %d failures\n",
				*seed+uint64(done), r.Schemas, r.Refused, r.Types, r.Documents, r.Accepted, r.Packed, r.Ranges, len(r.Failures))
			return nil
		})
		if err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d failures", failed)
	}
	return nil
}
