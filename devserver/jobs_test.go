package devserver_test

import (
	"context"
	"errors"
	"fmt"
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
	for k, v := range more {
		data[k] = v
	}
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
			MaxRetries: 3, RetryCount: 3, LastError: "kaboom", ScopeAppID: "app-1", ScopeOrgID: "org-1", Timeout: 5 * time.Minute,
		}
		if diff := cmp.Diff(want, p.job(id), cmpopts.IgnoreTypes(time.Time{})); diff != "" {
			b.Error(diff)
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

func TestAJobIsCancelledInAnyStateAndInSilence(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithWorkers(1), devserver.WithJobTimeout(0)}, func(b *bubble, format wire.Format) {
		ended := make(chan error, 1)
		b.srv.HandleJob("wait", func(ctx context.Context, _ devserver.Job) error {
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		})
		b.srv.HandleJob("ok", func(context.Context, devserver.Job) error { return nil })
		b.srv.HandleJob("boom", func(context.Context, devserver.Job) error { return errors.New("kaboom") })
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		cancel := func(id string, was client.JobState) {
			b.Helper()
			synctest.Wait()
			watcher.types()
			if job := p.job(id); job.State != was {
				b.Errorf("%s is %s, want %s", job.Name, job.State, was)
			}
			if result := must[object](p, "job.cancel", object{"job_id": id}); result["status"] != "cancelled" {
				b.Errorf("the reply is %v", result)
			}
			time.Sleep(time.Hour)
			if job := p.job(id); job.State != client.JobStateCancelled {
				b.Errorf("%s is %s after its cancellation", job.Name, job.State)
			}
			for _, t := range watcher.types() {
				b.Errorf("the cancellation of a job that was %s caused %s", was, t)
			}
		}
		cancel(p.enqueue("ok", nil), client.JobStateCompleted)
		cancel(p.enqueue("boom", nil), client.JobStateRetrying)
		running := p.enqueue("wait", nil)
		cancel(p.enqueue("ok", nil), client.JobStatePending)
		cancel(running, client.JobStateRunning)
		if err := <-ended; !errors.Is(err, context.Canceled) {
			b.Errorf("the running job's context ended with %v", err)
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
			p.enqueue("job", object{"payload": i, "priority": priority, "queue": "q"})
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"0 in q", "2 in q", "1 in q", "3 in q", "4 in q"}, order); diff != "" {
			b.Error(diff)
		}
	})
}

func TestAJobThatNobodyHandlesIsStartedAndNoMore(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithWorkers(1)}, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("ok", func(context.Context, devserver.Job) error { return nil })
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		id := p.enqueue("unknown", nil)
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]string{"job.enqueued", "job.started"}, watcher.types()); diff != "" {
			b.Error(diff)
		}
		if job := p.job(id); job.State != client.JobStateRunning {
			b.Errorf("the job is %s", job.State)
		}
		p.enqueue("ok", nil) // for which the only worker is free
		if diff := cmp.Diff([]string{"job.enqueued", "job.started", "job.completed"}, watcher.types()); diff != "" {
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
		if job := p.job(id); job.State != client.JobStateFailed || job.CompletedAt.Sub(job.CreatedAt) != 2*time.Minute+time.Millisecond {
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
		event := must[client.PublishEventResult](p, "workflow.event", object{"name": "b"}).EventID
		must[client.Stats](p, "stats", nil)
		b.srv.Restart(false)
		want := []devserver.Entry{
			{Method: "job.enqueue", ID: id, Name: "a", Payload: jsonText("1"), Request: "req-2", Conn: 1},
			{Method: "workflow.start", ID: run, Name: "flow", Payload: jsonText("2"), Request: "req-3", Conn: 1},
			{Method: "job.cancel", ID: id, Name: "a", Request: "req-4", Conn: 1},
			{Method: "workflow.event", ID: event, Name: "b", Payload: jsonText("null"), Request: "req-5", Conn: 1},
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
		if reply, _ := p.ask("workflow.get", object{"run_id": run}); reply.Error == nil || reply.Error.Code != client.CodeNotFound {
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
