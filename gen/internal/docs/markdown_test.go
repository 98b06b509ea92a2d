package docs

import "testing"

func TestProseIsNotTakenForMarkup(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a_b and *c*":         `a\_b and \*c\*`,
		"job:<id>":            "job:&lt;id&gt;",
		"see `a_b` and [c]":   "see `a_b` and \\[c\\]",
		"one ` stands alone_": "one \\` stands alone\\_",
	} {
		if got := text(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got, want := cell("a|b\nc "), `a\|b c`; got != want {
		t.Errorf("cell: %q, want %q", got, want)
	}
	if got, want := code("a`b"), "`` a`b ``"; got != want {
		t.Errorf("code: %q, want %q", got, want)
	}
}

func TestAnchorsAreMadeOfNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"method", "job.enqueue"}, "method-job-enqueue"},
		{[]string{"A session"}, "a-session"},
		{[]string{"channel", "job:<job_id>"}, "channel-job-job_id"},
		{[]string{"*"}, "x"},
	} {
		if got := anchor(test.words...); got != test.want {
			t.Errorf("%q: %q, want %q", test.words, got, test.want)
		}
	}
}
