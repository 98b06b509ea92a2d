package client

import (
	"context"
	"fmt"
)

// DrainError is what a drain had to leave when its ctx ended.
type DrainError struct {
	Calls  int // in flight; each got its error
	Events int // queued and not pulled; Next still returns them
	Err    error
}

func (e *DrainError) Error() string {
	return fmt.Sprintf("dispatch: drain left %d calls and %d events: %s", e.Calls, e.Events, strip(e.Err))
}

func (e *DrainError) Unwrap() error { return e.Err }

// Drain ends the client in order: new calls and subscriptions are refused with [ErrDraining], calls in flight are finished, waiting
// ones among them, subscriptions end once their consumers have had what is queued, the server is told, and the
// client is closed. When ctx ends first, the client is closed with what is left, and the result is a [*DrainError]. A client that is closed
// already gives nil.
func (c *Client) Drain(ctx context.Context) error {
	c.status.set(StateDraining, nil, 0, 0)
	err := c.finish(ctx)
	c.Close()
	return err
}

// finish waits for what a drain wants to be finished.
func (c *Client) finish(ctx context.Context) error {
	if err := c.inFlight.drain(ctx); err != nil {
		left := int(c.inFlight.n.Load())
		subs, _ := c.registry.drain()
		return &DrainError{Calls: left, Events: queued(subs), Err: err}
	}
	subs, answers := c.registry.drain()
	for _, answer := range answers {
		select {
		case <-answer:
		case <-c.closed:
			return nil
		case <-ctx.Done():
			return &DrainError{Events: queued(subs), Err: ctx.Err()}
		}
	}
	for _, sub := range subs {
		select {
		case <-sub.queue.emptied:
		case <-c.closed:
			return nil
		case <-ctx.Done():
			return &DrainError{Events: queued(subs), Err: ctx.Err()}
		}
	}
	return nil
}

func queued(subs []*Subscription) int {
	n := 0
	for _, sub := range subs {
		n += sub.queue.left()
	}
	return n
}
