package client

import (
	"context"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/internal/wire"
)

// maxFollowers is how many records Watch, AwaitJob and AwaitWorkflow read at a time. Any number of
// reads may wait for their turn. They do not count against Limits.WaitingCalls, and after an outage
// they start when no user's call waits any more.
const maxFollowers = 64

// readJob is GetJob for a follower.
func (c *Client) readJob(ctx context.Context, jobID string) (*Job, error) {
	return read(ctx, c, &methodJobGet, (&wire.GetJobRequest{JobID: jobID}).AppendJSON, scanNew[Job])
}

// readWorkflow is GetWorkflow for a follower.
func (c *Client) readWorkflow(ctx context.Context, runID string) (*WorkflowRun, error) {
	return read(ctx, c, &methodWorkflowGet, (&wire.GetWorkflowRequest{RunID: runID}).AppendJSON, scanNew[WorkflowRun])
}

// read makes a follower's call. It waits while maxFollowers other reads are in progress.
func read[T any](ctx context.Context, c *Client, m *method, encode encoder, scan func(*codec.Scanner) T) (v T, err error) {
	select {
	case c.followers <- struct{}{}:
	case <-ctx.Done():
		return v, c.refused(m, waited(ctx, "its turn among the reads of Watch and Await", nil))
	case <-c.ctx.Done():
		return v, c.refused(m, ErrClosed)
	}
	defer func() { <-c.followers }()
	return callAs(ctx, c, ownRead, m, encode, scan)
}
