// This file implements AwaitJob and AwaitWorkflow, which wait for a job or a run to end.

package client

import (
	"context"
	"errors"
	"net/http"
)

// AwaitJob waits until a job is completed, failed or cancelled, and returns its record. It reads
// the record; while that is not final, it subscribes to the job's events and reads the record again
// after an end event, after each gap and every 15 s, because a cancelled job sends no event. A
// token without the permission to subscribe is enough: the record is then only read every 15 s.
//
// AwaitJob blocks until the job has ended, across reconnects, or until ctx ends. It is safe for
// concurrent use.
//
// A server that cancels a running job lets its handler finish, and then sets the job's state to
// completed or failed. AwaitJob returns "cancelled" as soon as it reads that state. A state that
// this build does not know is final if the record has a completion time, or if the state is still
// the same one second after an end event.
//
// The errors are those of [Client.GetJob] and [Client.Subscribe]. A read is repeated if it gets no
// reply, and also after a 5xx unless it was the first read; it is not repeated if its error matches
// [ErrTooLarge]. When ctx ends, the error includes the last known state. AwaitJob can be called
// again after any error.
func (c *Client) AwaitJob(ctx context.Context, jobID string) (*Job, error) {
	return await(ctx, c, isJobEnd, entity[*Job]{
		name:     "await job " + jobID,
		channel:  JobChannel(jobID),
		get:      func(ctx context.Context) (*Job, error) { return c.readJob(ctx, jobID) },
		progress: progressOfJob,
		state:    func(job *Job) string { return string(job.State) },
	})
}

// AwaitWorkflow waits until a workflow run is completed or failed, and returns its record. Its
// blocking and its errors are those of [Client.AwaitJob], with [Client.GetWorkflow] in the place of
// [Client.GetJob].
func (c *Client) AwaitWorkflow(ctx context.Context, runID string) (*WorkflowRun, error) {
	return await(ctx, c, isRunEnd, c.run("await workflow", ownRead, runID))
}

// run describes a workflow run for a follower. The name is that of the client's method, for errors.
func (c *Client) run(name string, as waiter, id string) entity[*WorkflowRun] {
	return entity[*WorkflowRun]{
		name:     name + " " + id,
		channel:  WorkflowChannel(id),
		get:      func(ctx context.Context) (*WorkflowRun, error) { return c.readWorkflow(ctx, as, id) },
		progress: progressOfRun,
		state:    func(run *WorkflowRun) string { return string(run.State) },
	}
}

func isJobEnd(t EventType) bool {
	return t == EventJobCompleted || t == EventJobFailed || t == EventJobDLQ
}

func isRunEnd(t EventType) bool { return t == EventWorkflowCompleted || t == EventWorkflowFailed }

func progressOfJob(job *Job) progress {
	switch job.State {
	case JobStateCompleted, JobStateFailed, JobStateCancelled:
		return finished
	case JobStatePending, JobStateRunning, JobStateRetrying:
		return unfinished
	}
	if !job.CompletedAt.IsZero() {
		return finished
	}
	return unrecognized
}

func progressOfRun(run *WorkflowRun) progress {
	switch run.State {
	case RunStateCompleted, RunStateFailed:
		return finished
	case RunStateRunning:
		return unfinished
	}
	if !run.CompletedAt.IsZero() {
		return finished
	}
	return unrecognized
}

// await returns an entity's record once it is final. It reads the record first, and subscribes to
// the entity's channel only if the record is not final yet.
func await[T any](ctx context.Context, c *Client, isEnd func(EventType) bool, e entity[T]) (T, error) {
	var none T
	f := newFollower(c, e)
	if err := f.read(ctx); err != nil {
		return none, err
	}
	if f.final {
		return f.record, nil
	}
	sub, err := c.newSubscription(e.channel, nil)
	if err == nil {
		sub.ends, sub.over = isEnd, make(chan struct{}, 1)
		// enlist does not wait for the confirmation: the record is read every 15 s in any case
		err = c.enlist(ctx, sub)
	}
	if err != nil {
		return none, subscribeError(err)
	}
	defer sub.Discard()
	for f.attach(sub); !f.final; {
		err := f.wait(ctx)
		switch {
		case errors.Is(err, errUnsubscribed):
			if err := f.unsubscribed(); err != nil {
				return none, err
			}
			f.attach(nil)
		case err != nil:
			return none, err
		default:
			if err := f.read(ctx); err != nil {
				return none, err
			}
		}
	}
	return f.record, nil
}

// unsubscribed returns nil if reading the record every 15 s can go on without the subscription: the
// token may not subscribe, or the refusal was temporary. Otherwise it returns the error that ended
// the subscription.
func (f *follower[T]) unsubscribed() error {
	err := f.sub.Err()
	var refused *Error
	switch {
	case f.c.ctx.Err() != nil:
		return f.failed(f.c.status.callError())
	case err == nil: // only a drain ends it without an error
		return f.failed(ErrDraining)
	case errors.As(err, &refused) && (refused.Code == http.StatusForbidden || !isDefinite(refused.Code)):
		return nil
	}
	return subscribeError(err)
}
