package client

import (
	"context"
	"errors"
	"io"
	"time"
)

// settlePause is how soon a record is read again whose last event came before its last state.
const settlePause = 50 * time.Millisecond

// AwaitJob waits until a job is completed, failed or cancelled, and returns its record. It follows the job's events and reads the record
// at first, after each gap and every 15 s, because a cancelled job sends no event; it goes on over reconnects until ctx
// ends. Its errors are those of [Client.Subscribe] and [Client.GetJob]; a record that is beyond the limits of a message
// ends it with [ErrTooLarge] or [ErrTooDeep].
func (c *Client) AwaitJob(ctx context.Context, jobID string) (*Job, error) {
	return await(ctx, c, methodJobGet.name, JobChannel(jobID), isJobEnd,
		func(ctx context.Context) (*Job, error) { return c.GetJob(ctx, jobID) },
		func(job *Job) bool {
			return job.State == JobStateCompleted || job.State == JobStateFailed || job.State == JobStateCancelled
		})
}

// AwaitWorkflow waits until a run is completed or failed, and returns its record, as [Client.AwaitJob] does for jobs.
func (c *Client) AwaitWorkflow(ctx context.Context, runID string) (*WorkflowRun, error) {
	return await(ctx, c, methodWorkflowGet.name, WorkflowChannel(runID), isRunEnd,
		func(ctx context.Context) (*WorkflowRun, error) { return c.GetWorkflow(ctx, runID) }, isFinalRun)
}

func isJobEnd(t EventType) bool {
	return t == EventJobCompleted || t == EventJobFailed || t == EventJobDLQ
}

// await subscribes to an entity, reads it, and reads it anew when something says that it may have ended, until it has.
func await[T any](ctx context.Context, c *Client, method, channel string, isEnd func(EventType) bool,
	get func(context.Context) (T, error), isFinal func(T) bool,
) (T, error) {
	var none T
	sub, err := c.Subscribe(ctx, channel, WithBuffer(16, 1<<20))
	if err != nil {
		return none, err
	}
	defer sub.Close()
	ended := false
	for first := true; ; first = false {
		v, err := get(ctx)
		switch {
		case err == nil && isFinal(v):
			return v, nil
		case err != nil && (first || !mayPass(err)):
			return none, err
		}
		pause := jittered(followEvery)
		if err == nil && ended {
			pause = settlePause
		}
		if ended, err = sub.seesEnd(ctx, pause, isEnd); err != nil {
			return none, &callError{method: method, err: err, safe: true}
		}
	}
}

// mayPass reports whether a record that could not be read may be readable later: whatever the reason, unless
// the server says that it is not there or not for us, it is beyond the limits, or the caller or the client has come to an end.
func mayPass(err error) bool {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code >= 500
	}
	return !isBeyondLimits(err) && !errors.Is(err, ErrClosed) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) &&
		!errors.Is(err, ErrDraining)
}

// isBeyondLimits reports whether a reply was larger or nested deeper than it may be, as the next one would be.
func isBeyondLimits(err error) bool { return errors.Is(err, ErrTooLarge) || errors.Is(err, ErrTooDeep) }

// seesEnd follows the events until one says that the entity has ended, or that something was missed, or for some time.
func (s *Subscription) seesEnd(ctx context.Context, d time.Duration, isEnd func(EventType) bool) (ended bool, err error) {
	short, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for {
		ev, err := s.Next(short)
		switch {
		case err != nil && ctx.Err() != nil:
			return false, ctx.Err()
		case err != nil && short.Err() != nil:
			return false, nil
		case err != nil:
			return false, s.c.endOfFollowing(err)
		case isEnd(ev.Type):
			return true, nil
		case ev.Type == EventGap:
			return false, nil
		}
	}
}

// endOfFollowing is why a subscription of the client's own has ended.
func (c *Client) endOfFollowing(err error) error {
	switch {
	case c.life.Err() != nil:
		return c.status.callError()
	case err == io.EOF: // nobody but a drain ends it in order
		return ErrDraining
	}
	return err
}
