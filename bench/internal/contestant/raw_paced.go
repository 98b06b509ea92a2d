package contestant

import (
	"errors"
	"sync"
	"time"

	"github.com/xraph/dispatch/bench/internal/load"
)

// Paced sends requests at the rate of an open loop: one goroutine sends, each tick's requests in
// one write, and another reads. Nothing can go on beside that.
func (c *raw) Paced(until time.Time, latencies *load.Latencies) (calls int, err error) {
	if c.w.EventRate > 0 || c.w.LargeSize > 0 {
		return 0, ErrUnsupported
	}
	c.conn.Reader()
	free := make(chan int, len(c.slots))
	for i := range c.slots {
		free <- i
	}
	var reader sync.WaitGroup
	flying := make(chan struct{}, len(c.slots)) // one for each reply that is to come
	failed := make(chan error, 1)
	reader.Go(func() {
		for range flying {
			i, err := c.settle()
			if err != nil {
				failed <- err
				return
			}
			latencies.Add(time.Since(c.slots[i].sent))
			calls++
			free <- i
		}
	})
	err = load.Pace(c.w.Rate, until, func(due time.Time, n int) error {
		for range n {
			select {
			case i := <-free:
				if err := c.send(i, due); err != nil {
					return err
				}
				flying <- struct{}{}
			case err := <-failed:
				return err
			}
		}
		return c.conn.Flush()
	})
	close(flying)
	reader.Wait()
	select {
	case broken := <-failed:
		err = errors.Join(err, broken)
	default:
	}
	return calls, err
}
