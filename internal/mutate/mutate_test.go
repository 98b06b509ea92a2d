package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

func TestSurvivorsAreWhatNoTestNotices(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(&out, "./testdata/weak", "./testdata/weak", 0, 1, 2); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	first, last := lines[0], lines[len(lines)-1]
	if want := "trying 10 of 10 mutants with 3 tests"; !strings.HasSuffix(first, want) {
		t.Errorf("the first line is %q, without %q", first, want)
	}
	if want := "6 killed, 0 timed out, 2 survived, 2 not reached by a test, in "; !strings.HasPrefix(last, want) {
		t.Errorf("the last line is %q, without %q", last, want)
	}
	want := []string{
		"survived weak.go:11: boundary c.n+n > limit",
		"survived weak.go:22: delete c.resets++",
		"not reached weak.go:26: delete c.resets = 0",
		"not reached weak.go:26: increment 0",
	}
	if diff := cmp.Diff(want, lines[1:len(lines)-1]); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestInstrumentedCodeKeepsItsLines(t *testing.T) {
	t.Parallel()
	src := `package p

func f(a, b int) (n int) {
	switch {
	case a < b && len(g()) > 1, !h():
		n = 7
	}
	for a != b {
		a++
		defer g()
		mu.Lock()
	}
	return n
}
`
	want := `package p

func f(a, b int) (n int) {
	switch {
	case ((((a < b) != (mutantOn(2) && (a) == (b)))) != mutantOn(1)) && ((len(g()) > (1+mutantOne(4))) != mutantOn(3)), ((!h()) != mutantOn(5)):
		if !mutantOn(6) { n = (7+mutantOne(7)) }
	}
	for ((a != b) != mutantOn(8)) {
		if !mutantOn(9) { a++ }
		if !mutantOn(10) { defer g() }
		mu.Lock()
	}
	return n
}
`
	next := 0
	got, mutants, err := instrument("p.go", []byte(src), nil, &next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	lines := make([]int, len(mutants))
	for i, m := range mutants {
		lines[i] = m.line
	}
	if want := []int{5, 5, 5, 5, 5, 6, 6, 8, 9, 10}; !slices.Equal(lines, want) {
		t.Errorf("the mutants are on lines %v, want %v", lines, want)
	}
}

func TestABrokenPackageIsAnError(t *testing.T) {
	t.Parallel()
	if err := run(&strings.Builder{}, "./testdata/none", "./testdata/none", 0, 1, 1); err == nil {
		t.Error("no error for a package that does not exist")
	}
}
