// This file is the wait for the end of a job or a run.

package client

import (
	"context"
	"errors"
	"net/http"
)

// AwaitJob waits until a job is completed, failed or cancelled, and returns its record. It reads
// the record, and if that is not final, it follows the job's events and reads the record again
// after an end event, after each gap and every 15 s, because a cancelled job sends no event. It
// goes on over reconnects until ctx ends. A token that may not subscribe is enough: the record is
// then read every 15 s.
//
// A job that was running when it was cancelled is not over: the server lets its handler go on, and
// its last state becomes completed or failed. AwaitJob returns "cancelled" as soon as it reads it.
// A state that this build does not know is taken for final if the record says when it was
// completed, or if it is still there a second after an event of the job's end.
//
// Its errors are those of [Client.GetJob] and [Client.Subscribe]. A read that gets no answer, or a
// 5xx after the first one, is made again; one that matches [ErrTooLarge] is not. The error at the
// end of ctx says the last state that was read. Whatever its error, AwaitJob can be called again.
func (c *Client) AwaitJob(ctx context.Context, jobID string) (*Job, error) {
	return await(ctx, c, isJobEnd, entity[*Job]{
		name:     "await job " + jobID,
		channel:  JobChannel(jobID),
		get:      func(ctx context.Context) (*Job, error) { return c.readJob(ctx, jobID) },
		progress: progressOfJob,
		state:    func(job *Job) string { return string(job.State) },
	})
}

// AwaitWorkflow waits until a run is completed or failed, and returns its record, as
// [Client.AwaitJob] does for jobs.
func (c *Client) AwaitWorkflow(ctx context.Context, runID string) (*WorkflowRun, error) {
	return await(ctx, c, isRunEnd, c.run("await workflow", runID))
}

// run is a run to be followed by a method of the client.
func (c *Client) run(name, id string) entity[*WorkflowRun] {
	return entity[*WorkflowRun]{
		name:     name + " " + id,
		channel:  WorkflowChannel(id),
		get:      func(ctx context.Context) (*WorkflowRun, error) { return c.readWorkflow(ctx, id) },
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

// await reads an entity's record, and if that is not final, subscribes to the entity and reads the
// record again when something says that it may be, until it is.
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
		// without waiting for the server's word: a read every 15 s is needed in any case
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

// unsubscribed is nil if the server has refused the subscription in a way that leaves reading the
// record every 15 s: the token may not subscribe, or something passing was wrong. Otherwise it is
// why the subscription has ended.
func (f *follower[T]) unsubscribed() error {
	err := f.sub.Err()
	var refused *Error
	switch {
	case f.c.ctx.Err() != nil:
		return f.failed(f.c.status.callError())
	case err == nil: // only a drain ends it in order
		return f.failed(ErrDraining)
	case errors.As(err, &refused) && (refused.Code == http.StatusForbidden || !isDefinite(refused.Code)):
		return nil
	}
	return subscribeError(err)
}
