package devserver_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

// enqueue enqueues a job and returns its id.
func (p *peer) enqueue(name string, more object) string {
	p.t.Helper()
	data := object{"name": name, "payload": nil}
	maps.Copy(data, more)
	return must[client.EnqueueResult](p, "job.enqueue", data).JobID
}

func (p *peer) job(id string) client.Job {
	p.t.Helper()
	return must[client.Job](p, "job.get", object{"job_id": id})
}

// types returns the types of the events that are there.
func (p *peer) types() (types []string) {
	synctest.Wait()
	for len(p.frames) > 0 {
		types = append(types, p.event().Type)
	}
	return types
}

func TestAFailingJobIsRetriedAndGivenUp(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		begin := time.Now()
		var attempts []string
		b.srv.HandleJob("boom", func(_ context.Context, job devserver.Job) error {
			attempts = append(attempts, fmt.Sprint(job.Attempt, " after ", time.Since(begin)))
			if job.Attempt == 2 {
				panic("with panic")
			}
			return errors.New("kaboom")
		})
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		id := p.enqueue("boom", nil)
		synctest.Wait()
		if job := p.job(id); job.State != client.JobStateRetrying || job.RetryCount != 1 || job.LastError != "kaboom" {
			b.Errorf("after one attempt: %+v", job)
		}
		time.Sleep(time.Hour)
		want := client.Job{
			ID: id, Name: "boom", Queue: "default", Payload: []byte("null"), State: client.JobStateFailed,
			MaxRetries: 3, RetryCount: 4, LastError: "kaboom", ScopeAppID: "app-1", ScopeOrgID: "org-1", Timeout: 5 * time.Minute,
		}
		job := p.job(id)
		if diff := cmp.Diff(want, job, cmpopts.IgnoreTypes(time.Time{})); diff != "" || !job.CompletedAt.IsZero() {
			b.Errorf("completed at %v: %s", job.CompletedAt, diff)
		}
		if diff := cmp.Diff([]string{"1 after 0s", "2 after 1s", "3 after 3s", "4 after 7s"}, attempts); diff != "" {
			b.Error(diff)
		}
		if diff := cmp.Diff([]string{
			"job.enqueued", "job.started", "job.retrying", "job.started", "job.retrying", "job.started", "job.retrying",
			"job.started", "job.failed", "job.dlq",
		}, watcher.types()); diff != "" {
			b.Error(diff)
		}
	})
}

func TestAPanicOfAJobSaysWhichJobItWas(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithMaxRetries(0)}, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("boom", func(context.Context, devserver.Job) error { panic("oh") })
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		id := p.enqueue("boom", nil)
		synctest.Wait()
		if job := p.job(id); job.LastError != "panic in job boom: oh" || job.RetryCount != 1 || job.State != client.JobStateFailed {
			b.Errorf("the job is %+v", job)
		}
		if diff := cmp.Diff([]string{"job.enqueued", "job.started", "job.failed", "job.dlq"}, watcher.types()); diff != "" {
			b.Error(diff)
		}
	})
}

func TestARunningJobNamesNoWorker(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("slow", func(context.Context, devserver.Job) error {
			time.Sleep(time.Minute)
			return nil
		})
		p := b.login(format)
		id := p.enqueue("slow", nil)
		synctest.Wait()
		if job := p.job(id); job.State != client.JobStateRunning || job.WorkerID != "" {
			b.Errorf("the job is %+v", job)
		}
	})
}

func TestAnAbsentPayloadReadsNull(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		given := make(chan jsonText, 2)
		b.srv.HandleJob("job", func(_ context.Context, job devserver.Job) error {
			given <- job.Payload
			return nil
		})
		p := b.login(format)
		for data, want := range map[string]string{`{"name":"job"}`: `null`, `{"name":"job","payload":null}`: `"bnVsbA=="`} {
			id := must[client.EnqueueResult](p, "job.enqueue", jsonText(data)).JobID
			if got := must[map[string]jsonText](p, "job.get", object{"job_id": id})["payload"]; string(got) != want {
				b.Errorf("%s: the payload reads %s", data, got)
			}
			if job := p.job(id); (job.Payload == nil) != (want == `null`) {
				b.Errorf("%s: a client reads the payload %q", data, job.Payload)
			}
			if got := <-given; (got == nil) != (want == `null`) {
				b.Errorf("%s: the handler was given %q", data, got)
			}
		}
	})
}

func TestTheHighestPriorityRunsFirst(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithWorkers(1)}, func(b *bubble, format wire.Format) {
		var order []string
		b.srv.HandleJob("job", func(_ context.Context, job devserver.Job) error {
			order = append(order, string(job.Payload)+" in "+job.Queue)
			time.Sleep(time.Second)
			return nil
		})
		p := b.login(format)
		for i, priority := range []int{0, 1, 5, 1, -1} {
			p.enqueue("job", object{"payload": i, "priority": priority})
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"0 in default", "2 in default", "1 in default", "3 in default", "4 in default"}, order); diff != "" {
			b.Error(diff)
		}
	})
}

func TestAnAttemptHasItsTime(t *testing.T) {
	opts := []devserver.Option{
		devserver.WithJobTimeout(time.Minute), devserver.WithMaxRetries(1),
		devserver.WithBackoff(func(int) time.Duration { return time.Millisecond }),
	}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("wait", func(ctx context.Context, _ devserver.Job) error {
			<-ctx.Done()
			return ctx.Err()
		})
		p := b.login(format)
		id := p.enqueue("wait", nil)
		time.Sleep(2*time.Minute + time.Second)
		if job := p.job(id); job.State != client.JobStateFailed || job.UpdatedAt.Sub(job.CreatedAt) != 2*time.Minute+time.Millisecond {
			b.Errorf("the job is %+v", job)
		}
	})
}

func TestTheJournalTellsWhatWasDone(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleWorkflow("flow", func(context.Context, *devserver.Run) (any, error) { return nil, nil })
		p := b.login(format)
		id := p.enqueue("a", object{"payload": 1})
		run := must[client.WorkflowResult](p, "workflow.start", object{"name": "flow", "input": 2}).RunID
		must[object](p, "job.cancel", object{"job_id": id})
		event := must[wire.PublishEventResult](p, "workflow.event", object{"name": "b"}).EventID
		must[client.Stats](p, "stats", nil)
		b.srv.Restart(false)
		want := []devserver.Entry{
			{Method: "job.enqueue", ID: id, Name: "a", Payload: jsonText("1"), Request: "req-2", Conn: 1},
			{Method: "workflow.start", ID: run, Name: "flow", Payload: jsonText("2"), Request: "req-3", Conn: 1},
			{Method: "job.cancel", ID: id, Name: "a", Request: "req-4", Conn: 1},
			{Method: "workflow.event", ID: event, Name: "b", Request: "req-5", Conn: 1},
		}
		ignored := cmpopts.IgnoreFields(devserver.Entry{}, "Time", "Session")
		if diff := cmp.Diff(want, b.srv.Journal(), ignored); diff != "" {
			b.Error(diff)
		}
		if diff := cmp.Diff(want[2:3], b.srv.Journal(client.MethodJobCancel), ignored); diff != "" {
			b.Error(diff)
		}
	})
}

func TestTheOldestAreForgottenBeyondTheRetention(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithRetention(3)}, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("ok", func(context.Context, devserver.Job) error { return nil })
		b.srv.HandleWorkflow("ok", func(context.Context, *devserver.Run) (any, error) { return nil, nil })
		p := b.login(format)
		run := must[client.WorkflowResult](p, "workflow.start", object{"name": "ok", "input": nil}).RunID
		var ids []string
		for range 4 {
			ids = append(ids, p.enqueue("ok", nil))
			synctest.Wait()
		}
		must[object](p, "job.cancel", object{"job_id": ids[3]}) // has ended already
		if reply, _ := p.ask("workflow.get", object{"run_id": run}); reply.Error == nil || client.Code(reply.Error.Code) != client.CodeNotFound {
			b.Errorf("the run is %+v", reply)
		}
		for i, id := range ids {
			if reply, _ := p.ask("job.get", object{"job_id": id}); (reply.Error == nil) != (i > 0) {
				b.Errorf("job %d is %+v", i, reply)
			}
		}
		var kept []string
		for _, e := range b.srv.Journal() {
			kept = append(kept, e.ID)
		}
		if diff := cmp.Diff([]string{ids[2], ids[3], ids[3]}, kept); diff != "" {
			b.Error(diff)
		}
	})
}

func TestRetriesWaitTwiceAsLongUpTo64Seconds(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithMaxRetries(9)}, func(b *bubble, format wire.Format) {
		var delays []string
		last := time.Now()
		b.srv.HandleJob("boom", func(context.Context, devserver.Job) error {
			delays = append(delays, time.Since(last).String())
			last = time.Now()
			return errors.New("kaboom")
		})
		b.login(format).enqueue("boom", nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]string{"0s", "1s", "2s", "4s", "8s", "16s", "32s", "1m4s", "1m4s", "1m4s"}, delays); diff != "" {
			b.Error(diff)
		}
	})
}

func TestARetryingJobSaysWhenItRunsNext(t *testing.T) {
	opts := []devserver.Option{devserver.WithBackoff(func(int) time.Duration { return 90 * time.Second })}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("boom", func(context.Context, devserver.Job) error { return errors.New("kaboom") })
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		time.Sleep(time.Millisecond)
		want := time.Now().Add(90 * time.Second)
		id := p.enqueue("boom", nil)
		synctest.Wait()
		if job := p.job(id); !job.RunAt.Equal(want) {
			b.Errorf("it runs next at %v, want %v", job.RunAt, want)
		}
		for range 3 {
			ev := watcher.event()
			if ev.Type != string(client.EventJobRetrying) {
				continue
			}
			var retrying client.JobEvent
			if err := retrying.UnmarshalJSON(ev.Data); err != nil || !retrying.NextRunAt.Equal(want.Truncate(time.Second)) || retrying.Attempt != 1 {
				b.Errorf("the event is %s, %v; want %v", ev.Data, err, want)
			}
		}
	})
}

// TestABackoffMayAskTheServer has a function of the user's look at the job that it is asked about.
func TestABackoffMayAskTheServer(t *testing.T) {
	t.Parallel()
	var srv *devserver.Server
	var states []client.JobState
	backoff := func(int) time.Duration {
		states = append(states, srv.Jobs()[0].State)
		return time.Minute
	}
	opts := []devserver.Option{devserver.WithMaxRetries(2), devserver.WithBackoff(backoff)}
	synctest.Test(t, func(t *testing.T) {
		srv = devserver.New(opts...)
		defer srv.Close()
		srv.HandleJob("boom", func(context.Context, devserver.Job) error { return errors.New("kaboom") })
		if _, err := srv.FireCron("entry", "boom", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]client.JobState{client.JobStateRunning, client.JobStateRunning}, states); diff != "" {
			t.Error(diff)
		}
	})
}
