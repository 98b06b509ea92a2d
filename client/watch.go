package client

import (
	"context"
	"errors"
	"time"
)

const (
	// followEvery is how often the state of what is watched or awaited is read anew, give or take a fifth: a cancelled
	// job sends no event, and a server may lose one.
	followEvery = 15 * time.Second
	// lastEventPatience is how long an ended run's last event may take to overtake the news of its end.
	lastEventPatience = 200 * time.Millisecond
)

// Watch subscribes to the events of a workflow run and ends with the last one, workflow.completed or workflow.failed.
// If that does not come, because the run ended before or the event was lost, the last event is made from
// the run's record and marked Synthetic, so it is never missed: the record is read at first, after each
// gap, and every 15 s. A record that is beyond the limits of a message ends the subscription with [ErrTooLarge] or
// [ErrTooDeep]. An [*Error] that matches [ErrNotFound] says that there is no such run; further errors are those of
// [Client.Subscribe] and [Client.GetWorkflow].
func (c *Client) Watch(ctx context.Context, runID string, opts ...SubscribeOption) (*Subscription, error) {
	sub, err := c.newSubscription(WorkflowChannel(runID), opts)
	if err != nil {
		return nil, subscribeError(err)
	}
	sub.until = func(ev *Event) bool { return ev.Topic == sub.Channel && isRunEnd(ev.Type) }
	if err := c.subscribe(ctx, sub); err != nil {
		return nil, subscribeError(err)
	}
	run, err := c.GetWorkflow(ctx, runID)
	if err != nil {
		sub.Close()
		return nil, err
	}
	if !c.spawn(func() { c.follow(sub, runID, run) }) {
		sub.Close()
	}
	return sub, nil
}

// follow reads a run's record from time to time until the subscription ends, and ends it when the run has.
func (c *Client) follow(sub *Subscription, runID string, run *WorkflowRun) {
	ctx, cancel := context.WithCancel(c.life)
	defer cancel()
	for {
		if isFinalRun(run) {
			if !sub.lasts(lastEventPatience, nil) {
				return
			}
			c.registry.conclude(sub, lastEvent(run))
			return
		}
		if !sub.lasts(jittered(followEvery), sub.gapped) {
			return
		}
		next, err := c.GetWorkflow(ctx, runID)
		switch {
		case err == nil:
			run = next
		case errors.Is(err, ErrNotFound), isBeyondLimits(err):
			c.registry.remove(sub, err) // the server has forgotten it, or there is no reading it
			return
		}
	}
}

// lasts waits, not beyond a wake-up call, and reports whether the subscription is still there.
func (s *Subscription) lasts(d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-s.ended:
		return false
	}
	return true
}

// lastEvent makes what a run's last event would have been.
func lastEvent(run *WorkflowRun) *Event {
	ev := &Event{Type: EventWorkflowCompleted, Time: run.CompletedAt, Topic: WorkflowChannel(run.ID), Synthetic: true}
	if run.State == RunStateFailed {
		ev.Type = EventWorkflowFailed
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

func isRunEnd(t EventType) bool { return t == EventWorkflowCompleted || t == EventWorkflowFailed }

func isFinalRun(run *WorkflowRun) bool {
	return run.State == RunStateCompleted || run.State == RunStateFailed
}
