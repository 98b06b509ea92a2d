package client

import (
	"context"
	"sync"
	"sync/atomic"
)

// calls counts the calls in flight, waiting ones included, so that a drain knows when they are done.
type calls struct {
	n        atomic.Int64
	draining atomic.Bool
	last     sync.Once
	idle     chan struct{} // closed when there are none and no more are let in
}

func (c *calls) init() { c.idle = make(chan struct{}) }

// enter counts a call, unless a drain has begun.
func (c *calls) enter() error {
	c.n.Add(1)
	if c.draining.Load() {
		c.leave()
		return ErrDraining
	}
	return nil
}

func (c *calls) leave() {
	if c.n.Add(-1) == 0 {
		c.checkIdle()
	}
}

// checkIdle counts anew after it has seen the drain: whoever got in before that counts by then.
func (c *calls) checkIdle() {
	if c.draining.Load() && c.n.Load() == 0 {
		c.last.Do(func() { close(c.idle) })
	}
}

// drain refuses further calls and waits until there are none, or returns ctx's error.
func (c *calls) drain(ctx context.Context) error {
	c.draining.Store(true)
	c.checkIdle()
	select {
	case <-c.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
