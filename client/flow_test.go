package client_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
)

type receipt struct {
	Amount int `json:"amount"`
}

func TestFlowRunsWithItsNameInputAndOptions(t *testing.T) {
	t.Parallel()
	opts := []client.RunOption{client.WithRunKey("to")}
	flow := client.NewFlow[mail, receipt]("order-pipeline", opts...)
	opts[0] = client.WithRunKey("changed")
	if flow.Name() != "order-pipeline" {
		t.Errorf("it is named %s", flow.Name())
	}
	var fake fakeRuns
	run, err := flow.Run(t.Context(), &fake, mail{"a"})
	if err != nil || run.Name != "order-pipeline" {
		t.Errorf("%+v, %v", run, err)
	}
	if _, err := flow.Run(t.Context(), &fake, mail{"b"}, client.WithRunKey("own")); err != nil {
		t.Error(err)
	}
	want := []startedFlow{
		{"order-pipeline", mail{"a"}, []client.RunOption{client.WithRunKey("to")}},
		{"order-pipeline", mail{"b"}, []client.RunOption{client.WithRunKey("to"), client.WithRunKey("own")}},
	}
	if diff := cmp.Diff(want, fake.started, cmp.AllowUnexported(startedFlow{})); diff != "" {
		t.Error(diff)
	}
	fake.err = errTest
	if run, err := flow.Run(t.Context(), &fake, mail{}); run != nil || !errors.Is(err, errTest) {
		t.Errorf("%+v, %v", run, err)
	}
}

func TestFlowWaitReturnsTheOutput(t *testing.T) {
	t.Parallel()
	flow := client.NewFlow[mail, receipt]("order-pipeline")
	for id, test := range map[string]struct {
		want receipt
		text string
	}{
		"completed": {receipt{42}, ""},
		"silent":    {receipt{}, ""},
		"failed":    {receipt{}, "dispatch: run failed (order-pipeline) is failed: card declined"},
		"running":   {receipt{}, "dispatch: run running (order-pipeline) is running"},
	} {
		got, err := flow.Wait(t.Context(), &fakeRuns{}, id)
		if got != test.want {
			t.Errorf("%s: %+v", id, got)
		}
		if test.text == "" {
			if err != nil {
				t.Errorf("%s: %v", id, err)
			}
			continue
		}
		failed, ok := errors.AsType[*client.RunError](err)
		if !ok || err.Error() != test.text || failed.Run.ID != id || client.SafeToRetry(err) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if got, err := flow.Wait(t.Context(), &fakeRuns{}, "odd"); got != (receipt{}) || err == nil {
		t.Errorf("an output of another type: %+v, %v", got, err)
	}
	if got, err := flow.Wait(t.Context(), &fakeRuns{err: errTest}, "completed"); got != (receipt{}) || !errors.Is(err, errTest) {
		t.Errorf("%+v, %v", got, err)
	}
}

// A flow's run ends like the workflow's, with the output instead of the record.
func TestFlowRunWaitReturnsTheOutput(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run, err := client.NewFlow[any, receipt]("w").Run(t.Context(), c, order("1"))
		if err != nil {
			t.Fatal(err)
		}
		s := r.start(1)
		r.begin("a", "w", order("1"))
		r.end("a", "w", "failed", order("1"))
		s.reply("a", "failed")
		out, err := run.Wait(t.Context())
		if failed, ok := errors.AsType[*client.RunError](err); !ok || failed.Run.ID != "a" || out != (receipt{}) {
			t.Errorf("%+v, %v", out, err)
		}
		if record, err := run.Run.Wait(t.Context()); err != nil || record.ID != "a" {
			t.Errorf("%+v, %v", record, err)
		}
	})
}

// startedFlow is a call of RunWorkflow.
type startedFlow struct {
	name  string
	input any
	opts  []client.RunOption
}

// fakeRuns is a client without a server, whose runs end in the state that is their ID.
type fakeRuns struct {
	started []startedFlow
	err     error
}

func (f *fakeRuns) RunWorkflow(_ context.Context, name string, input any, opts ...client.RunOption) (*client.Run, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.started = append(f.started, startedFlow{name, input, opts})
	return &client.Run{Name: name}, nil
}

func (f *fakeRuns) AwaitWorkflow(_ context.Context, id string) (*client.WorkflowRun, error) {
	if f.err != nil {
		return nil, f.err
	}
	run := &client.WorkflowRun{ID: id, Name: "order-pipeline", State: client.RunState(id)}
	switch id {
	case "completed":
		run.Output = []byte(`{"amount":42}`)
	case "silent":
		run.State = client.RunStateCompleted
	case "odd":
		run.State, run.Output = client.RunStateCompleted, []byte(`{"amount":"much"}`)
	case "failed":
		run.Error = "card declined"
	}
	return run, nil
}
