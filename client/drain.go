package client

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
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
	// what was left when the client closed; written before Client.closed is closed
	cut DrainError
}

// Drain ends the client in order: new calls and subscriptions are refused with [ErrDraining], calls
// in flight are finished, waiting ones among them, subscriptions end once their consumers have had
// what is queued, the server is told (its answers are waited for as long as one comes every 15 s),
// and the client is closed. Drain waits for subscriptions that had ended before as well, as long as
// somebody can read them; those who stop reading call [Subscription.Discard].
//
// When ctx ends first, the client is closed with what is left, and the result is a [*DrainError]
// that says how much that is. Calls of Drain at the same time share one drain: the client goes on
// until it is finished or the last of their ctxs has ended. If the client is closed meanwhile, by
// [Client.Close] or for good, and something was left, Drain returns a [*DrainError] too. A client
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
		_ = c.Close() // what counts is how the drain went
	}
	return err
}

// finish waits for what a drain wants to be finished, unless the client is closed first.
func (c *Client) finish() {
	select {
	case <-c.inFlight.idle:
	case <-c.ctx.Done():
		return
	}
	subs, answers := c.registry.drain()
	if !c.acknowledged(answers) {
		return
	}
	for _, sub := range subs {
		select {
		case <-sub.queue.emptied:
		case <-c.ctx.Done():
			return
		}
	}
	close(c.drain.done)
}

// acknowledged waits until the server has answered the requests to unsubscribe, as long as it
// answers one every 15 s: an answer that is lost must not hold up the end. It is false if the
// client is closed first.
func (c *Client) acknowledged(answers []<-chan error) bool {
	patience := time.NewTimer(answerPatience)
	defer patience.Stop()
	for _, answer := range answers {
		select {
		case <-answer: //nolint:errcheck // a refusal is an answer too
			patience.Reset(answerPatience)
		case <-patience.C:
			return true
		case <-c.ctx.Done():
			return false
		}
	}
	return true
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
