package load

import (
	"errors"
	"sync"
	"time"
)

// tick is the time between the moments at which an open loop starts calls.
const tick = 500 * time.Microsecond

// Pace calls begin at each tick of an open loop until then, with the moment of the tick and the
// number of calls that are to begin: rate of them a second. A tick that comes late, because the
// process was busy, keeps its moment, so that its lateness counts as latency.
func Pace(rate float64, until time.Time, begin func(due time.Time, calls int) error) (err error) {
	t, err := newTicker(tick)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.stop()) }()
	start, begun := time.Now(), 0
	for next := start.Add(tick); next.Before(until); {
		ticks, err := t.wait()
		if err != nil {
			return err
		}
		for ; ticks > 0; ticks-- {
			target := int(next.Sub(start).Seconds() * rate)
			if err := begin(next, target-begun); err != nil {
				return err
			}
			begun, next = target, next.Add(tick)
		}
	}
	return nil
}

// Open makes calls at that rate until then, on at most that many callers, and returns how many were
// answered. A call that finds all callers busy waits for one, and the wait counts as latency.
func Open(callers int, rate float64, until time.Time, latencies *Latencies, call func(caller int) error) (calls int, err error) {
	const backlog = 1 << 16
	due := make(chan time.Time, backlog)
	var all sync.WaitGroup
	var mu sync.Mutex
	for caller := range callers {
		all.Go(func() {
			done, failed := 0, error(nil)
			for begun := range due {
				if failed != nil {
					continue // let the pace end
				}
				if failed = call(caller); failed == nil {
					latencies.Add(time.Since(begun))
					done++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			calls, err = calls+done, errors.Join(err, failed)
		})
	}
	paced := Pace(rate, until, func(at time.Time, n int) error {
		for range n {
			due <- at
		}
		return nil
	})
	close(due)
	all.Wait()
	return calls, errors.Join(paced, err)
}
