package devserver_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

func TestAJobRunsAndIsAnnounced(t *testing.T) {
	t.Parallel()
	srv := start(t)
	srv.HandleJob("send-email", func(_ context.Context, job devserver.Job) error {
		if string(job.Payload) != `{"to":"ann"}` || job.Queue != "critical" || job.Priority != 10 || job.Attempt != 1 {
			return errors.New("not the job that was enqueued")
		}
		return nil
	})
	p := login(t, srv, wire.FormatJSON)
	must[object](p, "subscribe", object{"channel": "jobs"})
	must[object](p, "subscribe", object{"channel": "firehose"})
	reply, events := p.ask("job.enqueue", object{"name": "send-email", "payload": object{"to": "ann"}, "queue": "critical", "priority": 10})
	if reply.Error != nil {
		t.Fatal(reply.Error.Message)
	}
	var types []string
	for range events {
		// Events may precede the reply; they are put in front of those to come.
		types = append(types, "early")
	}
	for len(types) < 3 {
		types = append(types, p.event().Type)
	}
	job := must[client.Job](p, "job.get", object{"job_id": srv.Journal(client.MethodJobEnqueue)[0].ID})
	if job.State != client.JobStateCompleted {
		t.Errorf("the job is %s: %s", job.State, job.LastError)
	}
}

func TestAWorkflowRunsBeforeItsReply(t *testing.T) {
	t.Parallel()
	srv := start(t)
	srv.HandleWorkflow("order", func(_ context.Context, run *devserver.Run) (any, error) {
		if err := run.Step("one", func(context.Context) (any, error) { return 1, nil }); err != nil {
			return nil, err
		}
		return "done", nil
	})
	p := login(t, srv, wire.FormatJSON)
	result := must[client.WorkflowResult](p, "workflow.start", object{"name": "order", "input": nil})
	if diff := cmp.Diff(client.WorkflowResult{RunID: result.RunID, Name: "order", State: "completed"}, result); diff != "" {
		t.Error(diff)
	}
	run := must[client.WorkflowRun](p, "workflow.get", object{"run_id": result.RunID})
	if string(run.Output) != `"done"` || string(run.Input) != "null" {
		t.Errorf("input %s, output %s", run.Input, run.Output)
	}
	steps := must[[]client.TimelineEntry](p, "workflow.timeline", object{"run_id": result.RunID})
	if len(steps) != 1 || steps[0].StepName != "one" || string(steps[0].Data) != "1" {
		t.Errorf("timeline: %+v", steps)
	}
}
