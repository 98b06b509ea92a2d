//go:build !linux

package load

import "time"

// ticker ticks at a fixed interval, as precisely as the runtime's timers do.
type ticker struct {
	*time.Ticker
}

func newTicker(interval time.Duration) (*ticker, error) {
	return &ticker{time.NewTicker(interval)}, nil
}

// wait waits for the next tick. It returns how many there were since the one before: one, because
// the ticks that were missed are noticed by the clock.
func (t *ticker) wait() (ticks int, err error) {
	<-t.C
	return 1, nil
}

func (t *ticker) stop() error {
	t.Stop()
	return nil
}
