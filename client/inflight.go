package client

import (
	"context"
	"sync"
	"sync/atomic"
)

// calls counts the client's calls: all of them, so that a drain can wait for them, and those that
// count against the limit of calls in flight.
type calls struct {
	max      int64
	n        atomic.Int64
	admitted atomic.Int64
	draining atomic.Bool
	waiters  atomic.Int64  // batches that wait for a place
	freed    chan struct{} // holds a token when there may be a place for one of them
	last     sync.Once
	idle     chan struct{} // closed when there are none and no more are let in
}

func (c *calls) init(cfg *config) {
	c.max = int64(cfg.limits.InFlightCalls)
	c.freed = make(chan struct{}, 1)
	c.idle = make(chan struct{})
}

// admission is how far a call has come: as what it waits for a session, and whether it counts as in
// flight. A call that was admitted once stays so until it returns, so that a reconnect does not
// make it wait behind others.
type admission struct {
	as       waiter
	admitted bool

	// Of a call that needs a lane.
	taken    bool                        // it has a lane: see lanes.claim
	leave    func()                      // ends its waiting: see lanes.claim
	begin    func(context.Context) error // called before each request; nil for none
	failures int                         // lanes not opened, or broken before the request
	// why the latest did, not counting an attempt that ctx has ended if there is another
	failure error
}

// fail counts a lane that could not be used.
func (at *admission) fail(ctx context.Context, err error) {
	at.failures++
	if at.failure == nil || ctx.Err() == nil {
		at.failure = err
	}
}

// letIn records that a call has been let through once.
func (at *admission) letIn() {
	if at.as == newCall {
		at.as = admittedCall
	}
}

// admit counts a call as in flight, unless it counts already. A follower's read does not count,
// because there is another limit for them.
func (c *calls) admit(at *admission) error {
	at.letIn()
	if at.admitted || at.as.isRead() {
		return nil
	}
	if c.admitted.Add(1) > c.max {
		c.admitted.Add(-1)
		return &LimitError{Limit: "calls in flight", Field: "InFlightCalls", Max: int(c.max), kind: ErrTooManyCalls}
	}
	at.admitted = true
	return nil
}

// release undoes admit when a call returns.
func (c *calls) release(at *admission) {
	if at.admitted {
		c.admitted.Add(-1)
		c.pass()
	}
}

// await is admit for an item of a batch, which waits for a place until ctx ends or the client is
// closed.
func (c *calls) await(ctx context.Context, closed <-chan struct{}, at *admission) error {
	c.waiters.Add(1)
	defer c.waiters.Add(-1)
	for c.admit(at) != nil {
		select {
		case <-c.freed:
		case <-closed:
			return errOver
		case <-ctx.Done():
			return waited(ctx, "a place among the calls in flight (see Limits.InFlightCalls)", nil)
		}
	}
	c.pass() // there may be a place for another one as well
	return nil
}

// awaitPlace is calls.await with the error of a call.
func (c *Client) awaitPlace(ctx context.Context, at *admission) error {
	err := c.inFlight.await(ctx, c.ctx.Done(), at)
	if err != nil && c.ctx.Err() != nil {
		return c.status.callError()
	}
	return err
}

// pass wakes a batch that waits for a place. It comes after the count has changed, as a batch's
// count comes before it looks for a place: so one of the two sees the other.
func (c *calls) pass() {
	if c.waiters.Load() > 0 {
		select {
		case c.freed <- struct{}{}:
		default:
		}
	}
}

// enter counts a call. It fails once a drain has begun, unless the drain waits for what the call is
// a part of.
func (c *calls) enter(as waiter) error {
	c.n.Add(1)
	if c.draining.Load() && as != runRead && as != runCall {
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

// checkIdle closes idle if a drain has begun and no call is left. It reads the count after the
// flag, because a call that entered before the flag was set is counted by then.
func (c *calls) checkIdle() {
	if c.draining.Load() && c.n.Load() == 0 {
		c.last.Do(func() { close(c.idle) })
	}
}

// stop refuses further calls.
func (c *calls) stop() {
	c.draining.Store(true)
	c.checkIdle()
}

// left returns how many calls a drain still waits for.
func (c *calls) left() int {
	select {
	case <-c.idle:
		return 0
	default:
		return int(c.n.Load())
	}
}
