package contestant

import (
	"context"
	"sync"
	"time"

	"github.com/xraph/dispatch/bench/internal/work"
)

// largeEvery is the time between large calls.
const largeEvery = 50 * time.Millisecond

// begin starts what goes on beside the calls of an open loop: events, or large calls one after
// another. The function that it returns ends that, and says how many large calls were answered and
// what failed.
func begin(ctx context.Context, c Contestant, w work.Work) (end func() (int, error), err error) {
	if w.Kind != work.Open || w.EventRate == 0 && w.LargeSize == 0 {
		return func() (int, error) { return 0, nil }, nil
	}
	big, ok := c.(large)
	if !ok {
		return nil, ErrUnsupported
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	var answered int
	var failed error
	running.Go(func() {
		if w.EventRate > 0 {
			failed = c.Events(ctx)
			return
		}
		// Slower than a client can: with no time between them it would have no processor left.
		pace := time.NewTicker(largeEvery)
		defer pace.Stop()
		for ; ; answered++ {
			select {
			case <-pace.C:
			case <-ctx.Done():
				return
			}
			if failed = big.Large(ctx); failed != nil {
				return
			}
		}
	})
	return func() (int, error) {
		cancel()
		running.Wait()
		return answered, ignoreCancel(failed)
	}, nil
}
