// Command prove runs the proofs of the generator that need more than a test
// does: a schema of the user, a suite that is not committed, a long time.
//
//	prove suite -path CHECKOUT [-revision HASH] [-out docs/JSON-SCHEMA.md]
//	prove try [-root NAME] [-map URI=FILE]… [-seed N] [-documents PER-DEFINITION] SCHEMA…
//	prove random [-seed N] [-count SCHEMAS | -pairs N] [-documents PER-TYPE]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/xraph/dispatch/gen/internal/proof"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "prove:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("one of suite, try, random is missing")
	}
	switch args[0] {
	case "suite":
		return suite(ctx, args[1:])
	case "try":
		return try(ctx, args[1:])
	case "random":
		return random(ctx, args[1:])
	}
	return fmt.Errorf("%q is not a proof", args[0])
}

// inTemp calls f with a directory that is removed afterwards.
func inTemp(f func(dir string) error) (err error) {
	dir, err := os.MkdirTemp("", "dwpgen-proof-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return f(dir)
}

func suite(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("suite", flag.ExitOnError)
	path := flags.String("path", "", "a checkout of the JSON-Schema-Test-Suite")
	revision := flags.String("revision", "", "the revision of the checkout")
	out := flags.String("out", "", "the document to write the matrix into")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *path == "" {
		return errors.New("-path is missing")
	}
	return inTemp(func(dir string) error {
		files, err := proof.RunSuite(ctx, *path, dir)
		if err != nil {
			return err
		}
		failed := 0
		for _, f := range files {
			failed += f.Failed
			for _, failure := range f.Failures {
				fmt.Println(failure)
			}
		}
		matrix := proof.Matrix(files, *revision)
		if *out == "" {
			fmt.Print(matrix)
		} else if err := write(*out, matrix); err != nil {
			return err
		}
		if failed > 0 {
			return fmt.Errorf("%d tests fail", failed)
		}
		return nil
	})
}

// write puts the matrix into a document that has a place for it.
func write(name, matrix string) error {
	document, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text, err := proof.Replace(string(document), "matrix", matrix)
	if err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}
