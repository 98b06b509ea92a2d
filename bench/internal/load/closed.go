package load

import (
	"errors"
	"sync"
	"time"
)

// Closed has each of the callers call again and again until then, and returns how many calls were
// answered.
func Closed(callers int, until time.Time, latencies *Latencies, call func(caller int) error) (calls int, err error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for caller := range callers {
		all.Go(func() {
			done, failed := 0, error(nil)
			for begun := time.Now(); begun.Before(until); done++ {
				if failed = call(caller); failed != nil {
					break
				}
				now := time.Now()
				latencies.Add(now.Sub(begun))
				begun = now
			}
			mu.Lock()
			defer mu.Unlock()
			calls, err = calls+done, errors.Join(err, failed)
		})
	}
	all.Wait()
	return calls, err
}
