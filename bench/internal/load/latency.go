// Package load drives a client: in a closed or an open loop, with the latency of each call and the
// process's CPU time.
package load

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// Latencies keeps the latest million latencies. Add is safe for concurrent use, and allocates
// nothing.
type Latencies struct {
	next atomic.Uint64
	ns   [1 << 20]uint32
}

// Add adds a latency of at most 4 s; a longer one counts as 4 s.
func (l *Latencies) Add(d time.Duration) {
	l.ns[(l.next.Add(1)-1)%uint64(len(l.ns))] = uint32(min(max(d, 0), math.MaxUint32))
}

// Reset forgets all of them.
func (l *Latencies) Reset() { l.next.Store(0) }

// Quantiles returns, for each q between 0 and 1, the latency in microseconds that this part of the
// calls does not exceed.
func (l *Latencies) Quantiles(qs ...float64) []float64 {
	found := make([]float64, len(qs))
	n := int(min(l.next.Load(), uint64(len(l.ns))))
	if n == 0 {
		return found
	}
	sorted := slices.Sorted(slices.Values(l.ns[:n]))
	for i, q := range qs {
		rank := int(math.Ceil(q*float64(n))) - 1
		found[i] = float64(sorted[min(max(rank, 0), n-1)]) / 1e3
	}
	return found
}
