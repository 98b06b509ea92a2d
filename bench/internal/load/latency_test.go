package load

import (
	"math"
	"testing"
	"time"
)

func TestQuantilesAreExact(t *testing.T) {
	t.Parallel()
	l := new(Latencies)
	if got := l.Quantiles(0.5); got[0] != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
	for i := 100; i > 0; i-- {
		l.Add(time.Duration(i) * time.Microsecond)
	}
	got := l.Quantiles(0, 0.5, 0.99, 1)
	for i, want := range []float64{1, 50, 99, 100} {
		if got[i] != want {
			t.Errorf("quantile %d is %v, want %v", i, got[i], want)
		}
	}
	l.Reset()
	l.Add(-time.Second)
	l.Add(time.Hour)
	if got := l.Quantiles(0, 1); got[0] != 0 || got[1] != math.MaxUint32/1e3 {
		t.Errorf("out of range: %v", got)
	}
}

func TestLatestLatenciesAreKept(t *testing.T) {
	t.Parallel()
	l := new(Latencies)
	l.Add(time.Second)
	for range len(l.ns) {
		l.Add(time.Microsecond)
	}
	if got := l.Quantiles(1); got[0] != 1 {
		t.Errorf("the highest is %v µs", got[0])
	}
}
