package wire

import (
	"math"
	"sync"
	"testing"
)

func TestIDsParseTheirOwnAndNoOther(t *testing.T) {
	t.Parallel()
	ids, others := NewIDs(), NewIDs()
	for _, n := range []uint64{0, 1, 9, 10, 1 << 40, math.MaxUint64} {
		id := string(ids.Append(nil, n))
		if got, ok := ids.Parse(id); !ok || got != n {
			t.Errorf("Parse(%q) = %d, %v, want %d", id, got, ok, n)
		}
		if got, ok := others.Parse(id); ok {
			t.Errorf("another sender takes %q for its own, number %d", id, got)
		}
	}
	prefix := ids.prefix
	for _, id := range []string{"", "1", prefix, prefix + "01", prefix + "+1", prefix + "-1", prefix + "1 ", prefix + "1x", prefix + "18446744073709551616", "x" + prefix + "1"} {
		if n, ok := ids.Parse(id); ok {
			t.Errorf("Parse(%q) = %d, want it refused", id, n)
		}
	}
}

func TestIDsAreUniqueAmongGoroutines(t *testing.T) {
	t.Parallel()
	ids := NewIDs()
	var mu sync.Mutex
	seen := map[uint64]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				n := ids.Next()
				mu.Lock()
				seen[n] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 8000 || seen[0] {
		t.Errorf("%d numbers, want 8000 from 1 on", len(seen))
	}
}
