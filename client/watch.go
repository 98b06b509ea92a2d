// This file implements Watch, the subscription to a workflow run that ends with the run.

package client

import (
	"context"
	"errors"
	"time"
)

// lastEventPatience is how long the last event of a run may arrive after the final state was read.
const lastEventPatience = 200 * time.Millisecond

// Watch subscribes to the events of a workflow run. The subscription ends after the last event,
// workflow.completed or workflow.failed. If that event does not arrive, because the run had ended
// before or the event was lost, the client creates it from the run's record and sets its Synthetic
// field, so that the consumer does not miss the end of the run. For this purpose the client reads
// the record at the beginning, after each gap, and every 15 s. If the run has completed in a state
// that this build does not know, the type of the last event is workflow.<state>.
//
// Watch blocks until the subscription is confirmed and the record has been read, or ctx ends; a
// read without a reply is repeated. It is safe for concurrent use.
//
// An [*Error] that matches [ErrNotFound] says that there is no such run. The other errors are those
// of [Client.Subscribe] and [Client.GetWorkflow]. If the record becomes unreadable for good later,
// for example with [ErrNotFound] or [ErrTooLarge], the subscription ends with that error.
func (c *Client) Watch(ctx context.Context, runID string, opts ...SubscribeOption) (*Subscription, error) {
	if c.cfg.subscribes != nil {
		call := SubscribeCall{Channel: WorkflowChannel(runID), RunID: runID}
		return c.interceptSubscribe(ctx, call, func(ctx context.Context) (*Subscription, error) { return c.watch(ctx, runID, opts) })
	}
	return c.watch(ctx, runID, opts)
}

// watch is Watch below the interceptors.
func (c *Client) watch(ctx context.Context, runID string, opts []SubscribeOption) (*Subscription, error) {
	sub, err := c.newSubscription(WorkflowChannel(runID), opts)
	if err != nil {
		return nil, subscribeError(err)
	}
	sub.until = func(ev *Event) bool { return ev.Topic == sub.route.server && isRunEnd(ev.Type) }
	if err := c.subscribe(ctx, sub); err != nil {
		return nil, subscribeError(err)
	}
	f := newFollower(c, c.run("watch", ownRead, runID))
	f.sub = sub // not attach: the confirmation before the first read is not a reason for another
	switch err := f.first(ctx); {
	// the last event has arrived, or the consumer gets the cause of another end
	case errors.Is(err, errUnsubscribed):
		return sub, nil
	case err != nil:
		sub.Discard()
		return nil, err
	}
	if !c.spawn(func() { c.follow(f) }) {
		_ = sub.Close() // the client is closing
	}
	return sub, nil
}

// errAbandoned is the error of a watch's subscription if an interceptor of one of its reads has
// ended the goroutine.
var errAbandoned = errors.New("dispatch: an interceptor ended the goroutine that watches the run")

// follow reads a run's record until the subscription or the run ends. In the latter case it ends
// the subscription.
func (c *Client) follow(f *follower[*WorkflowRun]) {
	abandoned := true
	defer func() {
		if abandoned {
			c.registry.remove(f.sub, errAbandoned)
		}
	}()
	c.readUntilEnd(f)
	abandoned = false
}

func (c *Client) readUntilEnd(f *follower[*WorkflowRun]) {
	for !f.final {
		if f.wait(c.ctx) != nil {
			return // the subscription has ended, or the client is closed
		}
		if err := f.read(c.ctx); err != nil {
			if c.ctx.Err() == nil && !errors.Is(err, ErrDraining) { // both end it anyway
				c.registry.remove(f.sub, err)
			}
			return
		}
	}
	if f.sub.lasts(lastEventPatience) {
		c.registry.conclude(f.sub, lastEvent(f.record))
	}
}

// lasts waits for d. It returns false if the subscription ends first.
func (s *Subscription) lasts(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ended:
		return false
	}
}

// lastEvent creates a run's last event from its record.
func lastEvent(run *WorkflowRun) *Event {
	ev := &Event{Time: run.CompletedAt, Topic: WorkflowChannel(run.ID), Synthetic: true}
	switch run.State {
	case RunStateCompleted:
		ev.Type = EventWorkflowCompleted
	case RunStateFailed:
		ev.Type = EventWorkflowFailed
	default:
		// an UnknownEvent, because this build does not know the state
		ev.Type = EventType("workflow." + run.State)
	}
	if ev.Time.IsZero() {
		ev.Time = run.UpdatedAt
	}
	payload := WorkflowEvent{RunID: run.ID, Name: run.Name, ScopeAppID: run.ScopeAppID, ScopeOrgID: run.ScopeOrgID, Error: run.Error}
	if !run.CompletedAt.IsZero() && !run.StartedAt.IsZero() {
		payload.ElapsedMs = run.CompletedAt.Sub(run.StartedAt).Milliseconds()
	}
	ev.Data, ev.err = payload.AppendJSON(nil)
	return ev
}
