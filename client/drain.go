package client

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DrainError reports what was left of a drain when its ctx ended or the client was closed
// meanwhile.
type DrainError struct {
	Calls  int   // calls in flight; each fails when the client closes
	Events int   // queued events that no consumer has received; Next still returns them
	Err    error // the error of ctx, or the cause of the close
}

func (e *DrainError) Error() string {
	return fmt.Sprintf("dispatch: drain left %d calls and %d events: %s", e.Calls, e.Events, strip(e.Err))
}

func (e *DrainError) Unwrap() error { return e.Err }

// drain is shared by all calls of Drain: there is one drain, and each call waits for it within its
// own ctx.
type drain struct {
	once    sync.Once
	waiting atomic.Int64  // calls of Drain in progress
	done    chan struct{} // closed when everything is finished
	// what was left when the client was closed; set before Client.closed is closed
	cut DrainError
}

// Drain shuts the client down gracefully. It refuses new calls and subscriptions with
// [ErrDraining], lets calls that are in flight or waiting finish, ends the subscriptions, and waits
// until their consumers have received the queued events. It then closes the client like
// [Client.Close]. It also unsubscribes from the server, and waits for these replies as long as at
// least one arrives every 15 s.
//
// Drain blocks until all of this is done or ctx ends. It also waits for the queues of subscriptions
// that had ended before, unless they have become unreachable. A consumer that stops early must call
// [Subscription.Discard], or Drain waits for it. When ctx ends first, Drain closes the client and
// returns a [*DrainError] that counts what was left. It returns a [*DrainError] too if
// [Client.Close] or a permanent failure closed the client during the drain and something was left.
// It returns nil if the client is closed already.
//
// Drain is safe for concurrent use. Concurrent calls share one drain: the client stays open until
// the drain is done or the ctx of the last call has ended.
func (c *Client) Drain(ctx context.Context) error {
	if !c.status.set(Transition{To: StateDraining}) {
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
		_ = c.Close() // it returns nil; the result is that of the drain
	}
	return err
}

// finish waits until everything that a drain waits for is done, or the client is closed.
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

// acknowledged waits until the server has answered the requests to unsubscribe. It gives up after
// 15 s without an answer, because an answer that is lost must not block the drain. It returns false
// if the client is closed first.
func (c *Client) acknowledged(answers []<-chan error) bool {
	patience := time.NewTimer(answerPatience)
	defer patience.Stop()
	for _, answer := range answers {
		select {
		case <-answer: //nolint:errcheck // a refusal counts as an answer
			patience.Reset(answerPatience)
		case <-patience.C:
			return true
		case <-c.ctx.Done():
			return false
		}
	}
	return true
}

// drained returns the result of a call of Drain that has stopped waiting.
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
