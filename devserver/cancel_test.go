package devserver_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

// cancelled is a job that is cancelled while it is in a state, and what comes then.
type cancelled struct {
	name   string
	while  client.JobState
	then   client.JobState
	events []string
}

func (c cancelled) check(b *bubble, p, watcher *peer) {
	b.Helper()
	id := p.enqueue(c.name, nil)
	time.Sleep(time.Millisecond)
	watcher.types()
	if job := p.job(id); job.State != c.while {
		b.Fatalf("%s is %s, want %s", c.name, job.State, c.while)
	}
	if result := must[object](p, "job.cancel", object{"job_id": id}); result["status"] != "cancelled" {
		b.Errorf("%s: the reply is %v", c.name, result)
	}
	if job := p.job(id); job.State != client.JobStateCancelled {
		b.Errorf("%s is %s at once", c.name, job.State)
	}
	time.Sleep(time.Hour)
	if job := p.job(id); job.State != c.then {
		b.Errorf("%s is %s in the end, want %s", c.name, job.State, c.then)
	}
	if diff := cmp.Diff(c.events, watcher.types()); diff != "" {
		b.Errorf("%s: %s", c.name, diff)
	}
}

// cancelling registers handlers for jobs that a test cancels. stopped receives the error of a
// context that ended.
func cancelling(b *bubble) (stopped chan error) {
	stopped = make(chan error, 1)
	b.srv.HandleJob("ok", func(context.Context, devserver.Job) error { return nil })
	b.srv.HandleJob("boom", func(context.Context, devserver.Job) error { return errors.New("kaboom") })
	slow := func(result error) devserver.JobHandler {
		return func(ctx context.Context, _ devserver.Job) error {
			select {
			case <-ctx.Done():
				stopped <- ctx.Err()
			case <-time.After(time.Minute):
			}
			return result
		}
	}
	b.srv.HandleJob("slow", slow(nil))
	b.srv.HandleJob("slow boom", slow(errors.New("kaboom")))
	return stopped
}

func TestACancelledRunningJobGoesOn(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithMaxRetries(1)}, func(b *bubble, format wire.Format) {
		stopped := cancelling(b)
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		for _, c := range []cancelled{
			{"slow", client.JobStateRunning, client.JobStateCompleted, []string{"job.completed"}},
			{"slow boom", client.JobStateRunning, client.JobStateFailed, []string{"job.retrying", "job.started", "job.failed", "job.dlq"}},
			{"unknown", client.JobStateRunning, client.JobStateCancelled, nil},
			{"ok", client.JobStateCompleted, client.JobStateCancelled, nil},
			{"boom", client.JobStateRetrying, client.JobStateCancelled, nil},
		} {
			c.check(b, p, watcher)
		}
		select {
		case err := <-stopped:
			b.Errorf("the context of a handler ended: %v", err)
		default:
		}
	})
}

func TestWithCancellationAJobIsCancelledInAnyStateAndInSilence(t *testing.T) {
	opts := []devserver.Option{devserver.WithWorkers(1), devserver.WithJobTimeout(0), devserver.WithCancellation()}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		stopped := cancelling(b)
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		for _, c := range []cancelled{
			{"slow", client.JobStateRunning, client.JobStateCancelled, nil},
			{"slow boom", client.JobStateRunning, client.JobStateCancelled, nil},
			{"ok", client.JobStateCompleted, client.JobStateCancelled, nil},
			{"boom", client.JobStateRetrying, client.JobStateCancelled, nil},
		} {
			c.check(b, p, watcher)
			if c.while == client.JobStateRunning {
				if err := <-stopped; !errors.Is(err, context.Canceled) {
					b.Errorf("the context of %s ended with %v", c.name, err)
				}
			}
		}
		p.enqueue("slow", nil) // which keeps the only worker
		synctest.Wait()
		watcher.types()
		id := p.enqueue("ok", nil)
		must[object](p, "job.cancel", object{"job_id": id})
		time.Sleep(time.Hour)
		if job := p.job(id); job.State != client.JobStateCancelled {
			b.Errorf("a pending job that was cancelled is %s", job.State)
		}
		if diff := cmp.Diff([]string{"job.enqueued", "job.completed"}, watcher.types()); diff != "" {
			b.Error(diff)
		}
	})
}

func TestCancellingARunningJobAgainTellsItsHandlerNothing(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		stopped := cancelling(b)
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		id := p.enqueue("slow", nil)
		synctest.Wait()
		for range 3 {
			must[object](p, "job.cancel", object{"job_id": id})
		}
		time.Sleep(time.Hour)
		select {
		case err := <-stopped:
			b.Errorf("the context of the handler ended: %v", err)
		default:
		}
		if job := p.job(id); job.State != client.JobStateCompleted {
			b.Errorf("the job is %s in the end", job.State)
		}
		if diff := cmp.Diff([]string{"job.enqueued", "job.started", "job.completed"}, watcher.types()); diff != "" {
			b.Error(diff)
		}
	})
}
