// This file is the subscription to a run that ends with the run.

package client

import (
	"context"
	"errors"
	"time"
)

// lastEventPatience is how long an ended run's last event may take to overtake the record's final
// state.
const lastEventPatience = 200 * time.Millisecond

// Watch subscribes to the events of a workflow run and ends with the last one, workflow.completed
// or workflow.failed. If that does not come, because the run ended before or the event was lost,
// the last event is made from the run's record and marked Synthetic, so it is never missed: the
// record is read at first, after each gap, and every 15 s. A run that is completed in a state that
// this build does not know ends with an event of the type workflow.<state>.
//
// Watch returns when the subscription is confirmed and the record has been read, or when ctx ends;
// a read that gets no answer is made again. An [*Error] that matches [ErrNotFound] says that there
// is no such run; further errors are those of [Client.Subscribe] and [Client.GetWorkflow]. What
// makes the record unreadable for good later, such as [ErrNotFound] or [ErrTooLarge], ends the
// subscription.
func (c *Client) Watch(ctx context.Context, runID string, opts ...SubscribeOption) (*Subscription, error) {
	sub, err := c.newSubscription(WorkflowChannel(runID), opts)
	if err != nil {
		return nil, subscribeError(err)
	}
	sub.until = func(ev *Event) bool { return ev.Topic == sub.route.server && isRunEnd(ev.Type) }
	if err := c.subscribe(ctx, sub); err != nil {
		return nil, subscribeError(err)
	}
	f := newFollower(c, c.run("watch", runID))
	f.sub = sub // confirmed before the first read, so the confirmation is no reason for another
	switch err := f.first(ctx); {
	// the last event has come meanwhile, or the cause of another end is the consumer's to see
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

// follow reads a run's record from time to time until the subscription ends, and ends it when the
// run has.
func (c *Client) follow(f *follower[*WorkflowRun]) {
	for !f.final {
		if f.wait(c.ctx) != nil {
			return // the subscription has ended, or the client, which ends it
		}
		if err := f.read(c.ctx); err != nil {
			if c.ctx.Err() == nil && !errors.Is(err, ErrDraining) { // either ends it in order
				c.registry.remove(f.sub, err)
			}
			return
		}
	}
	if f.sub.lasts(lastEventPatience) {
		c.registry.conclude(f.sub, lastEvent(f.record))
	}
}

// lasts waits and reports whether the subscription has not ended meanwhile.
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

// lastEvent makes what a run's last event would have been.
func lastEvent(run *WorkflowRun) *Event {
	ev := &Event{Time: run.CompletedAt, Topic: WorkflowChannel(run.ID), Synthetic: true}
	switch run.State {
	case RunStateCompleted:
		ev.Type = EventWorkflowCompleted
	case RunStateFailed:
		ev.Type = EventWorkflowFailed
	default:
		// an UnknownEvent, since this build does not know how the run has ended
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
