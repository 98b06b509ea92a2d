package main

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/client"
)

// totals is what happened, over all clients.
type totals struct {
	start                             time.Time
	calls, awaited, safe, unknown     atomic.Int64
	events, missing, faults           atomic.Int64
	overflows, overflowed, reconnects atomic.Int64
	settledHeap                       atomic.Int64 // bytes, once everything had warmed up
}

func (t *totals) gap(g *client.Gap) {
	if g.Cause == client.GapOverflow {
		t.overflows.Add(1)
		t.overflowed.Add(int64(g.Count))
		return
	}
	t.reconnects.Add(1)
}

// heapGrowth is how much the heap may grow after the run's first fifth, in bytes, besides doubling.
const heapGrowth = 64 << 20

// sample prints a line from time to time and watches the heap.
func (s *soak) sample(ctx context.Context) {
	s.totals.start = time.Now()
	fmt.Fprintln(s.out, "    time     calls  awaited safe-errors unknown    events published   missing gaps(overflow/counted/reconnect) faults sessions  heap MiB goroutines")
	every := min(10*time.Second, s.length/5)
	for n := 1; pause(ctx, every); n++ {
		heap := s.report("")
		switch settled := s.totals.settledHeap.Load(); {
		case time.Since(s.totals.start) < s.length/5:
		case settled == 0:
			s.totals.settledHeap.Store(heap)
		case heap > 2*settled+heapGrowth:
			s.violate("the heap has grown from %d to %d bytes", settled, heap)
		}
	}
}

// report prints a line and returns how large the heap is.
func (s *soak) report(what string) (heap int64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t := &s.totals
	sessions := uint64(0)
	for _, c := range s.clients {
		sessions += c.Counters().Sessions
	}
	s.publishing.Lock()
	published := s.published
	s.publishing.Unlock()
	fmt.Fprintf(s.out, "%8v %9d %8d %11d %7d %9d %9d %9d %8d/%d/%d %16d %8d %9.1f %10d %s\n",
		time.Since(t.start).Round(time.Second), t.calls.Load(), t.awaited.Load(), t.safe.Load(), t.unknown.Load(), t.events.Load(), published,
		t.missing.Load(), t.overflows.Load(), t.overflowed.Load(), t.reconnects.Load(), t.faults.Load(), sessions,
		float64(m.HeapAlloc)/(1<<20), runtime.NumGoroutine(), what)
	return int64(m.HeapAlloc)
}

// checkGoroutines sees that what was started has ended, giving it some time.
func (s *soak) checkGoroutines(idle int) {
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > idle; {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			s.violate("%d goroutines, %d at first:\n%s", runtime.NumGoroutine(), idle, buf[:runtime.Stack(buf, true)])
			return
		}
		pause(context.Background(), 10*time.Millisecond)
	}
}
