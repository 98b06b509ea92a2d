package client_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
)

func TestAwaitSaysTheLastStateAtItsDeadline(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepRecords(p, "running")
		c := p.dial(format)
		await := func(name string, f func(ctx context.Context) error, texts ...string) {
			t.Helper()
			ctx, cancel := context.WithTimeoutCause(t.Context(), 40*time.Second, errCause)
			defer cancel()
			err := f(ctx)
			wantEnded(t, err, context.DeadlineExceeded, texts...)
			if !client.SafeToRetry(err) || strings.Contains(err.Error(), ".get") {
				t.Errorf("%s: %v", name, err)
			}
		}
		job := func(ctx context.Context) error { _, err := c.AwaitJob(ctx, "job_7"); return err }
		run := func(ctx context.Context) error { _, err := c.AwaitWorkflow(ctx, "wfrun_7"); return err }
		await("AwaitJob", job, "dispatch: await job job_7: ", "waiting for its end (last known state: running)")
		await("AwaitWorkflow", run, "dispatch: await workflow wfrun_7: ", "waiting for its end (last known state: running)")
		c.Close()

		p = newPeer(t)
		p.handle = silent
		c = p.dial(format)
		await("AwaitJob, unanswered", job, "dispatch: await job job_7: ", "waiting for its record")
		await("AwaitWorkflow, unanswered", run, "dispatch: await workflow wfrun_7: ", "waiting for its record")
		c.Close()

		p = newPeer(t)
		keepRecords(p, "pending")
		d := &dialFails{p: p, good: 1, err: errTest}
		c = p.dial(format, client.WithDialContext(d.dial), every(time.Second))
		time.AfterFunc(10*time.Second, p.conn(1).Cut)
		await("AwaitJob, without a session", job, "dispatch: await job job_7: ", "(last known state: pending)", errTest.Error())
	})
}
