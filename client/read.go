package client

import "context"

// maxFollowers is how many records Watch, AwaitJob and AwaitWorkflow read at a time. Any number of
// reads may wait for their turn. They do not count against Limits.WaitingCalls, and after an outage
// they start when no user's call waits any more.
const maxFollowers = 64

// readJob is GetJob for a follower.
func (c *Client) readJob(ctx context.Context, jobID string) (*Job, error) {
	r := GetJobRequest{JobID: jobID}
	return read[Job](ctx, c, ownRead, &methodJobGet, r.AppendJSON, r)
}

// readWorkflow is GetWorkflow for a follower.
func (c *Client) readWorkflow(ctx context.Context, as waiter, runID string) (*WorkflowRun, error) {
	r := GetWorkflowRequest{RunID: runID}
	return read[WorkflowRun](ctx, c, as, &methodWorkflowGet, r.AppendJSON, r)
}

// read makes a follower's call. It waits while maxFollowers other reads are in progress, below the
// interceptors, so that one that blocks takes no turn from others.
func read[T any, P scanned[T], R any, Q encodable[R]](ctx context.Context, c *Client, as waiter, m *method, encode encoder, r R) (*T, error) {
	if c.cfg.calls != nil {
		return intercepted(ctx, c, as, m, copied[R, Q](r), scanNew[T, P])
	}
	done, err := c.turn(ctx, m)
	if err != nil {
		return nil, err
	}
	defer done()
	return callAs(ctx, c, as, m, encode, scanNew[T, P])
}

// turn waits until fewer than maxFollowers reads are in progress.
func (c *Client) turn(ctx context.Context, m *method) (done func(), err error) {
	select {
	case c.followers <- struct{}{}:
		return func() { <-c.followers }, nil
	case <-ctx.Done():
		return nil, c.refused(m, waited(ctx, "its turn among the reads of Watch and Await", nil))
	case <-c.ctx.Done():
		return nil, c.refused(m, ErrClosed)
	}
}
