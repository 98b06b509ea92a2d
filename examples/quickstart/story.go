package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// teller is one client and where its story goes.
type teller struct {
	io.Writer
	c *client.Client
}

func (t *teller) say(format string, args ...any) { fmt.Fprintf(t, "  "+format+"\n", args...) }

// demo connects in a format and runs everything that a client can do.
func demo(ctx context.Context, w io.Writer, srv *devserver.Server, format string) error {
	fmt.Fprintf(w, "\nIn %s:\n", format)
	c, err := client.DialContext(ctx, srv.URL(), client.WithToken(devserver.DefaultToken), client.WithFormat(format))
	if err != nil {
		return err
	}
	defer c.Close()
	t := &teller{w, c}
	t.say("dialled and authenticated")
	for _, chapter := range []func(context.Context) error{t.job, t.workflow, t.event, t.cancel, t.stats} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return c.Close()
}

// job enqueues a job, waits for it and looks at its record.
func (t *teller) job(ctx context.Context) error {
	mail := map[string]string{"to": "user@example.com", "subject": "Hello!"}
	result, err := t.c.Enqueue(ctx, "send-email", mail, client.WithQueue("critical"), client.WithPriority(10))
	if err != nil {
		return err
	}
	if result.Queue != "critical" || result.State != string(client.JobStatePending) {
		return fmt.Errorf("the job was enqueued as %+v", result)
	}
	t.say("enqueued %s in queue %s: %s", result.JobID, result.Queue, result.State)

	job, err := t.c.AwaitJob(ctx, result.JobID)
	if err != nil {
		return err
	}
	if job.State != client.JobStateCompleted || job.Priority != 10 {
		return fmt.Errorf("the job ended as %+v", job)
	}
	if job, err = t.c.GetJob(ctx, result.JobID); err != nil {
		return err
	}
	var payload map[string]string
	if err := json.Unmarshal(job.Payload, &payload); err != nil || payload["to"] != mail["to"] {
		return fmt.Errorf("the job's payload is %s (%w)", job.Payload, err)
	}
	t.say("awaited it: %s, priority %d, payload %s", job.State, job.Priority, job.Payload)
	return nil
}

// workflow runs a workflow and follows it from its first event to its last.
func (t *teller) workflow(ctx context.Context) error {
	run, err := t.c.RunWorkflow(ctx, "order-pipeline", map[string]string{"order_id": "ORD-001"}, client.WithRunKey("request"))
	if err != nil {
		return err
	}
	runID, err := run.ID(ctx)
	if err != nil {
		return err
	}
	t.say("started a workflow: %s", runID)
	for ev, err := range run.Events(ctx) {
		if err != nil {
			return err
		}
		if p, ok := ev.Payload().(*client.WorkflowEvent); ok {
			t.say("watched it: %s", strings.TrimSpace(string(ev.Type)+" "+p.StepName))
		}
	}
	record, err := run.Wait(ctx)
	if err != nil {
		return err
	}
	if record.State != client.RunStateCompleted {
		return fmt.Errorf("run %s ended as %+v", runID, record)
	}

	timeline, err := t.c.WorkflowTimeline(ctx, runID)
	if err != nil {
		return err
	}
	var done []string
	for _, entry := range timeline {
		done = append(done, entry.StepName)
	}
	if !slices.Equal(done, steps) {
		return fmt.Errorf("the timeline is %v", done)
	}
	t.say("its timeline: %v", done)
	return nil
}

// event starts a workflow that waits for an event, and publishes that event meanwhile.
func (t *teller) event(ctx context.Context) error {
	run, err := t.c.RunWorkflow(ctx, "payment", nil)
	if err != nil {
		return err
	}
	if err := t.c.PublishEvent(ctx, "payment-received", map[string]int{"amount": 42}); err != nil {
		return err
	}
	record, err := run.Wait(ctx)
	if err != nil {
		return err
	}
	var payment struct {
		Amount int `json:"amount"`
	}
	if err := record.DecodeOutput(&payment); err != nil {
		return err
	}
	if payment.Amount != 42 {
		return fmt.Errorf("the waiting workflow's output is %s", record.Output)
	}
	t.say("published the event that %s waited for: %s, output %s", record.ID, record.State, record.Output)
	return nil
}

// cancel cancels a job that runs.
func (t *teller) cancel(ctx context.Context) error {
	result, err := t.c.Enqueue(ctx, "report", nil)
	if err != nil {
		return err
	}
	if err := t.c.CancelJob(ctx, result.JobID); err != nil {
		return err
	}
	job, err := t.c.AwaitJob(ctx, result.JobID)
	if err != nil {
		return err
	}
	if job.State != client.JobStateCancelled {
		return fmt.Errorf("the cancelled job is %s", job.State)
	}
	t.say("cancelled %s: %s", job.ID, job.State)
	return nil
}

func (t *teller) stats(ctx context.Context) error {
	stats, err := t.c.Stats(ctx)
	if err != nil {
		return err
	}
	if stats.Broker.TotalPublished == 0 || stats.Broker.SubscriberCount == 0 {
		return fmt.Errorf("the counters are %+v", stats.Broker)
	}
	t.say("the server has published %d events to %d connections", stats.Broker.TotalPublished, stats.Broker.SubscriberCount)
	return nil
}
