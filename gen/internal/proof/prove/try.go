package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"strings"

	"github.com/xraph/dispatch/gen/internal/proof"
)

// try generates the types of any schemas and proves them.
func try(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("try", flag.ExitOnError)
	root := flags.String("root", "", "the name of the type of the document itself")
	seed := flags.Uint64("seed", 1, "of the random documents")
	documents := flags.Int("documents", 60, "how many documents for each definition")
	files := map[string]string{}
	flags.Func("map", "a `URI=FILE` that schemas refer to; may be given again", func(text string) error {
		uri, file, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("it is URI=FILE")
		}
		files[uri] = file
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("usage: prove try [-root NAME] [-map URI=FILE]… [-seed N] [-documents PER-DEFINITION] SCHEMA…")
	}
	return inTemp(func(dir string) error {
		return proof.Try(ctx, dir, flags.Args(), *root, files, *seed, *documents, os.Stdout)
	})
}
