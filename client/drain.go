package client

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// DrainError is what a drain had to leave when its ctx ended or the client was closed meanwhile.
type DrainError struct {
	Calls  int   // in flight; each gets its error when the client closes
	Events int   // queued and not pulled, or not received from Events; Next still returns them
	Err    error // ctx's, or what closed the client
}

func (e *DrainError) Error() string {
	return fmt.Sprintf("dispatch: drain left %d calls and %d events: %s", e.Calls, e.Events, strip(e.Err))
}

func (e *DrainError) Unwrap() error { return e.Err }

// drain is what all calls of Drain share: there is one, and each waits for it within its own ctx.
type drain struct {
	once    sync.Once
	waiting atomic.Int64  // calls of Drain
	done    chan struct{} // closed when everything is finished
	cut     DrainError    // what was left when the client closed; written before Client.closed is closed
}

// Drain ends the client in order: new calls and subscriptions are refused with [ErrDraining], calls in flight are finished, waiting
// ones among them, subscriptions end once their consumers have had what is queued, the server is told, and the
// client is closed. Drain waits for subscriptions that had ended before as well, as long as somebody can read
// them; those who stop reading call [Subscription.Discard].
//
// When ctx ends first, the client is closed with what is left, and the result is a [*DrainError] that says how much that is. Calls of Drain
// at the same time share one drain: the client goes on until it is finished or the last of their ctxs has ended. If
// the client is closed meanwhile, by [Client.Close] or for good, and something was left, Drain returns a [*DrainError] too. A client
// that is closed already gives nil.
func (c *Client) Drain(ctx context.Context) error {
	if !c.status.set(StateDraining, nil, 0, 0) {
		return nil
	}
	c.drain.waiting.Add(1)
	c.drain.once.Do(func() {
		c.inFlight.stop()
		c.spawn(c.finish)
	})
	select {
	case <-c.drain.done:
	case <-c.closed:
	case <-ctx.Done():
	}
	err := c.drained(ctx)
	if last := c.drain.waiting.Add(-1) == 0; last || err == nil {
		c.Close()
	}
	return err
}

// finish waits for what a drain wants to be finished, unless the client is closed first.
func (c *Client) finish() {
	select {
	case <-c.inFlight.idle:
	case <-c.life.Done():
		return
	}
	subs, answers := c.registry.drain()
	for _, answer := range answers {
		select {
		case <-answer:
		case <-c.life.Done():
			return
		}
	}
	for _, sub := range subs {
		select {
		case <-sub.queue.emptied:
		case <-c.life.Done():
			return
		}
	}
	close(c.drain.done)
}

// drained is the result of a call of Drain that waits no longer.
func (c *Client) drained(ctx context.Context) error {
	select {
	case <-c.drain.done:
		return nil
	default:
	}
	select {
	case <-c.closed:
		if cut := c.drain.cut; cut.Calls > 0 || cut.Events > 0 {
			return &cut
		}
		return nil
	default:
	}
	return &DrainError{Calls: c.inFlight.left(), Events: c.registry.left(), Err: ended(ctx)}
}
