package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// verdict is what the tests say about a mutant.
type verdict string

const (
	killed    verdict = "killed"
	timedOut  verdict = "timed out"
	survived  verdict = "survived"
	unreached verdict = "not reached"
)

const (
	// testTimeout bounds the run of one test without a mutant.
	testTimeout = 2 * time.Minute
	// quickTests is how many of the fastest tests are run first.
	quickTests = 12
)

// suite is the compiled tests.
type suite struct {
	binary string
	dir    string // in which they run
	tests  []*test
}

// test is one top-level test, example or fuzzer.
type test struct {
	name    string
	took    time.Duration
	reaches map[int]bool // mutants
}

// compile builds the tests with the mutants in them and lists them.
func compile(overlay, pkg, dir string) (*suite, error) {
	t, err := load(pkg)
	if err != nil {
		return nil, err
	}
	s := &suite{binary: filepath.Join(dir, "tests"), dir: t.Dir}
	if out, err := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", s.binary, t.ImportPath).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go test -c: %w: %s", err, out)
	}
	list := exec.Command(s.binary, "-test.list", ".")
	list.Dir = s.dir
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the tests: %w", explain(err))
	}
	for name := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Example") || strings.HasPrefix(name, "Fuzz") {
			s.tests = append(s.tests, &test{name: name})
		}
	}
	return s, nil
}

// trace runs each test without a mutant and notes what it reaches. A test that fails is left out.
func (s *suite) trace(workers int) error {
	errs := make([]error, len(s.tests))
	each(len(s.tests), workers, func(i int) {
		t := s.tests[i]
		file := filepath.Join(filepath.Dir(s.binary), t.name+".trace")
		began := time.Now()
		out, err := s.exec([]*test{t}, testTimeout, "MUTANT_TRACE="+file)
		if err != nil {
			errs[i] = fmt.Errorf("%s fails without a mutant: %w\n%s", t.name, err, out)
			return
		}
		t.took = time.Since(began)
		t.reaches, errs[i] = readTrace(file)
	})
	for _, err := range errs {
		if err != nil {
			fmt.Fprintln(os.Stderr, "mutate: left out:", err)
		}
	}
	s.tests = slices.DeleteFunc(s.tests, func(t *test) bool { return t.reaches == nil })
	if len(s.tests) == 0 {
		return errors.New("no test succeeds")
	}
	slices.SortStableFunc(s.tests, func(a, b *test) int { return cmp.Compare(a.took, b.took) })
	return nil
}

func readTrace(file string) (map[int]bool, error) {
	reaches := make(map[int]bool)
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return reaches, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range bytes.FieldsSeq(data) {
		id, err := strconv.Atoi(string(line))
		if err != nil {
			return nil, err
		}
		reaches[id] = true
	}
	return reaches, nil
}

// judge yields the verdict on each mutant as it comes.
func (s *suite) judge(mutants []*mutant, workers int) iter.Seq2[*mutant, verdict] {
	return func(yield func(*mutant, verdict) bool) {
		verdicts := make([]chan verdict, len(mutants))
		for i := range verdicts {
			verdicts[i] = make(chan verdict, 1)
		}
		var running sync.WaitGroup
		running.Go(func() {
			each(len(mutants), workers, func(i int) { verdicts[i] <- s.try(mutants[i]) })
		})
		defer running.Wait()
		for i, m := range mutants {
			if !yield(m, <-verdicts[i]) {
				return
			}
		}
	}
}

// try runs the tests that reach a mutant, the fastest first.
func (s *suite) try(m *mutant) verdict {
	var reaching []*test
	for _, t := range s.tests {
		if t.reaches[m.id] {
			reaching = append(reaching, t)
		}
	}
	if len(reaching) == 0 {
		return unreached
	}
	quick := min(len(reaching), quickTests)
	for _, tests := range [][]*test{reaching[:quick], reaching[quick:]} {
		if len(tests) == 0 {
			continue
		}
		expected := time.Duration(0)
		for _, t := range tests {
			expected += t.took
		}
		_, err := s.exec(tests, 10*time.Second+3*expected, "MUTANT="+strconv.Itoa(m.id))
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return timedOut
		case err != nil:
			return killed
		}
	}
	return survived
}

// exec runs tests in a process of their own, and ends it after the timeout.
func (s *suite) exec(tests []*test, timeout time.Duration, env string) ([]byte, error) {
	names := make([]string, len(tests))
	for i, t := range tests {
		names[i] = regexp.QuoteMeta(t.name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary, "-test.failfast", "-test.run", "^("+strings.Join(names, "|")+")$")
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return out, err
}

// each calls f with every number below n, from so many goroutines at once.
func each(n, workers int, f func(int)) {
	var running sync.WaitGroup
	numbers := make(chan int)
	for range max(workers, 1) {
		running.Go(func() {
			for i := range numbers {
				f(i)
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	running.Wait()
}
