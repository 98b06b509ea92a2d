package devserver_test

import (
	"context"
	"encoding/json"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

// This file is about handlers that end their goroutine, as those do that call testing.T.FailNow,
// and about those that return errors which panic.

func TestAJobWhoseHandlerEndsItsGoroutineFails(t *testing.T) {
	opts := []devserver.Option{devserver.WithWorkers(1), devserver.WithMaxRetries(1)}
	inBubble(t, opts, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("exit", func(context.Context, devserver.Job) error {
			runtime.Goexit()
			return nil
		})
		b.srv.HandleJob("ok", func(context.Context, devserver.Job) error { return nil })
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		id := p.enqueue("exit", nil)
		time.Sleep(time.Hour)
		want := []string{"job.enqueued", "job.started", "job.retrying", "job.started", "job.failed", "job.dlq"}
		if diff := cmp.Diff(want, watcher.types()); diff != "" {
			b.Error(diff)
		}
		if job := p.job(id); job.LastError != "the handler ended its goroutine, as testing.T.FailNow does" {
			b.Errorf("the job is %s: %q", job.State, job.LastError)
		}
		next := p.enqueue("ok", nil) // which the only worker runs
		time.Sleep(time.Second)
		if job := p.job(next); job.State != client.JobStateCompleted {
			b.Errorf("the next job is %s", job.State)
		}
	})
}

func TestAMethodThatEndsItsGoroutineDropsTheConnection(t *testing.T) {
	for method, data := range map[string]object{"workflow.start": {"name": "exit", "input": 1}, "job.exit": {}} {
		t.Run(method, func(t *testing.T) {
			inBubble(t, nil, func(b *bubble, format wire.Format) {
				b.srv.HandleWorkflow("exit", func(context.Context, *devserver.Run) (any, error) {
					runtime.Goexit()
					return nil, nil
				})
				b.srv.HandleRaw("job.exit", func(context.Context, json.RawMessage) (any, error) {
					runtime.Goexit()
					return nil, nil
				})
				p := b.login(format)
				must[object](p, "subscribe", object{"channel": "jobs"})
				p.send(&wire.Frame{Type: wire.TypeRequest, Method: method, Data: raw(b.T, data)})
				synctest.Wait()
				if n, subscriptions := b.srv.Conns(), b.srv.Subscriptions(); n != 0 || subscriptions != nil {
					b.Fatalf("%d connections and %v are left", n, subscriptions)
				}
				b.ended(p, 0)
			})
		})
	}
}

// badError is an error whose nil pointer panics when it is printed.
type badError struct{ text string }

func (e *badError) Error() string { return e.text }

func TestAnErrorThatPanicsIsAPanicOfItsHandler(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithMaxRetries(0)}, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("bad", func(context.Context, devserver.Job) error { return (*badError)(nil) })
		b.srv.HandleWorkflow("bad", func(context.Context, *devserver.Run) (any, error) { return nil, (*badError)(nil) })
		p := b.login(format)
		id := p.enqueue("bad", nil)
		synctest.Wait()
		const want = "panic in job bad: runtime error: invalid memory address or nil pointer dereference"
		if job := p.job(id); job.State != client.JobStateFailed || job.LastError != want {
			b.Errorf("the job is %s: %s", job.State, job.LastError)
		}
		p.begin("bad", nil)
		b.ended(p, 0)
		if runs := b.srv.Runs(); len(runs) != 1 || runs[0].State != client.RunStateRunning {
			b.Errorf("the runs are %+v", runs)
		}
	})
}
