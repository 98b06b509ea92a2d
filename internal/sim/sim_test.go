package sim

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

// smoke is how many seeds are tried without being asked for.
const smoke = 200

// TestSimulation lives the lives of SEEDS seeds, 200 by default; or that of SEED, COUNT times.
func TestSimulation(t *testing.T) {
	first, seeds, count := uint64(1), number(t, "SEEDS", smoke), uint64(1)
	if os.Getenv("SEED") != "" {
		first, seeds, count = number(t, "SEED", 0), 1, number(t, "COUNT", 1)
	}
	sum := &figures{start: time.Now()}
	t.Cleanup(func() { fmt.Println(sum) })
	for seed := first; seed < first+seeds; seed++ {
		for i := range count {
			name := strconv.FormatUint(seed, 10)
			if count > 1 {
				name = fmt.Sprintf("%s/%d", name, i+1)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				simulate(t, seed, sum)
			})
		}
	}
}

func number(t *testing.T, variable string, or uint64) uint64 {
	text := os.Getenv(variable)
	if text == "" {
		return or
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// patience is how long a life may take by the clock outside: one that takes longer has come to a
// standstill that the bubble does not see, such as a lock that is never released.
const patience = 3 * time.Minute

// simulate lives a seed's life.
func simulate(t *testing.T, seed uint64, sum *figures) {
	p := newPlan(seed)
	var w *world
	watchdog := time.AfterFunc(patience, func() {
		buf := make([]byte, 4<<20)
		fmt.Fprintf(os.Stderr, "%vstandstill\n%s\n%s\n", p, w.history, buf[:runtime.Stack(buf, true)])
		os.Exit(2)
	})
	defer watchdog.Stop()
	defer func() {
		if dead := recover(); dead != nil {
			t.Errorf("%v%vdeadlock: %v", p, w.history, dead)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(p)
		w.live()
		sum.add(w)
		if len(w.wrong) > 0 {
			t.Errorf("%v%v", p, w.history)
			for _, wrong := range w.wrong {
				t.Errorf("seed %d: %s", seed, wrong)
			}
			t.Errorf("live this life again: make simulate SEED=%d COUNT=1000", seed)
		}
	})
}
