package jsonnumber

import (
	"cmp"
	"strconv"
	"strings"
	"testing"
)

func TestNumbersCompareByValue(t *testing.T) {
	t.Parallel()
	// Each line holds equal numbers, and greater ones than the line before.
	lines := []string{
		"-1e2147483646",
		"-1e9999 -10e9998",
		"-20 -2e1 -20.00 -200E-1",
		"-2.5 -25e-1",
		"-1e-9999",
		"0 -0 0.0 0e9 -0.0e-999999999",
		"1e-9999",
		"0.1 1e-1 10e-2",
		"1 1.0 10e-1 0.1e+1",
		"1.01",
		"1.1",
		"9",
		"10 1e1",
		"12345678901234567890123",
		"12345678901234567890124",
		"1e9999",
		"2e9999",
		"1e2147483646 10e2147483645",
	}
	for i, line := range lines {
		for j, other := range lines {
			for a := range strings.FieldsSeq(line) {
				for b := range strings.FieldsSeq(other) {
					if got, want := Compare(a, b), cmp.Compare(i, j); got != want {
						t.Errorf("Compare(%s, %s) is %d, not %d", a, b, got, want)
					}
					if got := Equal(a, b); got != (i == j) {
						t.Errorf("Equal(%s, %s) is %t", a, b, got)
					}
					if got := Canonical(a) == Canonical(b); got != (i == j) {
						t.Errorf("Canonical gives %s and %s for %s and %s", Canonical(a), Canonical(b), a, b)
					}
				}
			}
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(int64(1), int64(10), int8(1), int8(0))
	f.Fuzz(func(t *testing.T, m, n int64, p, q int8) {
		a, b := number(m, p), number(n, q)
		x, ok := Rat(a)
		y, okToo := Rat(b)
		if !ok || !okToo {
			t.Fatalf("%s and %s have no value", a, b)
		}
		if got, want := Compare(a, b), x.Cmp(y); got != want {
			t.Errorf("Compare(%s, %s) is %d, not %d", a, b, got, want)
		}
	})
}

func TestRatRefusesExtremeExponents(t *testing.T) {
	t.Parallel()
	if r, ok := Rat("15e-1"); !ok || r.RatString() != "3/2" {
		t.Errorf("%v, %t", r, ok)
	}
	for _, text := range []string{"1e1000", "1e-1000", "1E+999999999"} {
		if r, ok := Rat(text); ok {
			t.Errorf("%s is %v", text, r)
		}
	}
}

func number(mantissa int64, exponent int8) string {
	return strconv.FormatInt(mantissa, 10) + "e" + strconv.Itoa(int(exponent))
}
