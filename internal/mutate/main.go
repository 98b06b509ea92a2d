// Command mutate finds changes that the tests of a package do not notice. It changes the package's
// code in many small ways, one at a time (a condition negated, a boundary moved by one, a statement
// left out, a number incremented), and runs the tests that reach the changed place. A mutant that
// no test fails for survives: a rule without a test, or a change that makes no difference.
//
//	go run ./internal/mutate -sample 200 ./client
//
// All mutants are compiled into one test binary, each behind a switch, so that a mutant costs no
// more than the tests that reach it. The tree is not touched. The exit status says whether the run
// succeeded, not whether mutants survived.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"time"
)

func main() {
	sample := flag.Int("sample", 0, "how many mutants to try, chosen at random; 0 means all")
	seed := flag.Uint64("seed", 1, "what the choice depends on")
	workers := flag.Int("workers", runtime.NumCPU(), "how many mutants to try at once")
	tests := flag.String("tests", "", "the package whose tests are run; the mutated one by default")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: mutate [flags] PACKAGE")
		flag.PrintDefaults()
		os.Exit(2)
	}
	if err := run(os.Stdout, flag.Arg(0), cmp.Or(*tests, flag.Arg(0)), *sample, *seed, *workers); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// run tries mutants of a package and prints the survivors and a summary.
func run(w io.Writer, pkg, tests string, sample int, seed uint64, workers int) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t, err := load(pkg)
	if err != nil {
		return err
	}
	overlay, mutants, err := build(t, dir)
	if err != nil {
		return err
	}
	all := len(mutants)
	if sample > 0 && sample < all {
		r := rand.New(rand.NewPCG(seed, 0))
		r.Shuffle(all, func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
		mutants = mutants[:sample]
		slices.SortFunc(mutants, func(a, b *mutant) int { return cmp.Compare(a.id, b.id) })
	}
	s, err := compile(overlay, tests, dir)
	if err != nil {
		return err
	}
	if err := s.trace(workers); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: trying %d of %d mutants with %d tests\n", t.ImportPath, len(mutants), all, len(s.tests))
	counts := make(map[verdict]int)
	for m, v := range s.judge(mutants, workers) {
		counts[v]++
		if v == survived || v == unreached {
			fmt.Fprintf(w, "%s %s\n", v, m)
		}
	}
	fmt.Fprintf(w, "%d killed, %d timed out, %d survived, %d not reached by a test, in %v\n",
		counts[killed], counts[timedOut], counts[survived], counts[unreached], time.Since(began).Round(time.Second))
	return nil
}
