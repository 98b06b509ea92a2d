package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

type mail struct {
	To string `json:"to"`
}

// dataOf is the data of the enqueue requests that a peer handles.
func dataOf(p *peer) *[]client.EnqueueRequest {
	var got []client.EnqueueRequest
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Method == client.MethodJobEnqueue {
			var r client.EnqueueRequest
			if err := json.Unmarshal(fr.Data, &r); err != nil {
				p.t.Error(err)
			}
			got = append(got, r)
		}
		c.polite(fr)
	}
	return &got
}

func TestTaskEnqueuesWithItsNameAndOptions(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		got := dataOf(p)
		c := p.dial(format)
		opts := []client.EnqueueOption{client.WithQueue("critical"), client.WithPriority(1)}
		task := client.NewTask[mail]("send-email", opts...)
		opts[0] = client.WithQueue("changed")
		for _, own := range [][]client.EnqueueOption{nil, {client.WithPriority(7)}, {client.WithQueue("slow")}, nil} {
			if _, err := task.Enqueue(t.Context(), c, mail{"a"}, own...); err != nil {
				t.Error(err)
			}
		}
		for done, err := range task.EnqueueMany(t.Context(), c, slices.Values([]mail{{"b"}, {"c"}}), client.WithWindow(1)) {
			if _, typed := done.Item.Payload.(mail); err != nil || !typed {
				t.Errorf("%+v, %v", done, err)
			}
		}
		payload := func(to string) any { return json.RawMessage(`{"to":"` + to + `"}`) }
		want := []client.EnqueueRequest{
			{Name: "send-email", Payload: payload("a"), Queue: "critical", Priority: 1},
			{Name: "send-email", Payload: payload("a"), Queue: "critical", Priority: 7},
			{Name: "send-email", Payload: payload("a"), Queue: "slow", Priority: 1},
			{Name: "send-email", Payload: payload("a"), Queue: "critical", Priority: 1},
			{Name: "send-email", Payload: payload("b"), Queue: "critical", Priority: 1},
			{Name: "send-email", Payload: payload("c"), Queue: "critical", Priority: 1},
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Error(diff)
		}
		if task.Name() != "send-email" {
			t.Errorf("it is named %s", task.Name())
		}
	})
}

func TestTaskStopsTakingInputs(t *testing.T) {
	t.Parallel()
	taken := 0
	inputs := func(yield func(mail) bool) {
		for taken = 1; yield(mail{}); taken++ {
		}
	}
	for range client.NewTask[mail]("n").EnqueueMany(t.Context(), fakeJobs{}, inputs) {
		break
	}
	if taken != 1 {
		t.Errorf("%d inputs were taken", taken)
	}
}

// A fake shows that a task needs no server, and what Await makes of each state.
func TestTaskAwaitFailsUnlessTheJobIsCompleted(t *testing.T) {
	t.Parallel()
	task := client.NewTask[mail]("send-email")
	for id, text := range map[string]string{
		"completed": "",
		"failed":    "dispatch: job failed (send-email) is failed: no such address",
		"cancelled": "dispatch: job cancelled (send-email) is cancelled",
	} {
		job, err := task.Await(t.Context(), fakeJobs{}, id)
		if job == nil || job.ID != id {
			t.Errorf("%s: %+v", id, job)
		}
		if text == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		failed, ok := errors.AsType[*client.JobError](err)
		if !ok || err.Error() != text || failed.Job != job || client.SafeToRetry(err) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if job, err := task.Await(t.Context(), fakeJobs{}, "lost"); job != nil || !errors.Is(err, errTest) {
		t.Errorf("%+v, %v", job, err)
	}
}

// fakeJobs is a client without a server, whose jobs end in the state that is their ID.
type fakeJobs struct{}

func (fakeJobs) Enqueue(context.Context, string, any, ...client.EnqueueOption) (*client.EnqueueResult, error) {
	return &client.EnqueueResult{JobID: "completed"}, nil
}

func (fakeJobs) EnqueueMany(_ context.Context, items iter.Seq[client.EnqueueItem], _ ...client.EnqueueManyOption) iter.Seq2[client.Enqueued, error] {
	return func(yield func(client.Enqueued, error) bool) {
		for item := range items {
			if !yield(client.Enqueued{Item: item}, nil) {
				return
			}
		}
	}
}

func (fakeJobs) AwaitJob(_ context.Context, id string) (*client.Job, error) {
	job := &client.Job{ID: id, Name: "send-email", State: client.JobState(id)}
	switch id {
	case "lost":
		return nil, errTest
	case "failed":
		job.LastError = "no such address"
	}
	return job, nil
}
