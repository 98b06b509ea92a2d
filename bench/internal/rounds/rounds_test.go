package rounds

import (
	"testing"

	"github.com/xraph/dispatch/bench/internal/work"
)

func TestSpreadInterpolatesQuartiles(t *testing.T) {
	t.Parallel()
	if got, want := NewSpread([]float64{4, 1, 3, 2}), (Spread{1, 1.75, 2.5, 3.25, 4}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := NewSpread([]float64{7}), (Spread{7, 7, 7, 7, 7}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := NewSpread([]float64{0.01234, 12.34, 1234}).String(), "12.3 (6.18–623)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A round in which everything is twice as slow changes no ratio.
func TestRatiosAreWithinARound(t *testing.T) {
	t.Parallel()
	run := func(cpu float64) Run { return Run{Result: work.Result{CPU: cpu}} }
	table := &Table{Names: []string{"base", "change", "late"}, Runs: map[string][]Run{
		"base": {run(10), run(20)}, "change": {run(5), run(10)}, "late": {run(1)},
	}}
	want := "| client | CPU | ÷ base |\n|---|--:|--:|\n" +
		"| base | 15.0 | 1.00 (1.00–1.00) |\n| change | 7.50 | 0.500 (0.500–0.500) |\n| late | 1.00 | – |\n"
	if got := table.Markdown(Median("CPU", CPU), Of("÷ base", "base", CPU)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
