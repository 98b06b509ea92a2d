package devserver_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

// This file is about what a server has forgotten, and what it must not forget.

func TestNothingIsAnnouncedOfARunThatTheServerForgot(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		step := func(run *devserver.Run) error {
			return run.Step("last", func(context.Context) (any, error) { return nil, nil })
		}
		b.srv.HandleWorkflow("slow to end", func(ctx context.Context, run *devserver.Run) (any, error) {
			<-ctx.Done()
			time.Sleep(time.Second)
			if err := step(run); err != nil {
				b.Error(err)
			}
			return run.RunChild("child", nil)
		})
		b.srv.HandleWorkflow("child", func(ctx context.Context, run *devserver.Run) (any, error) {
			<-ctx.Done() // as its parent's
			return nil, step(run)
		})
		b.login(format).begin("slow to end", nil)
		synctest.Wait()
		restarted := make(chan struct{})
		go func() {
			defer close(restarted)
			b.srv.Restart(false)
		}()
		synctest.Wait()
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "firehose"})
		<-restarted
		b.silent(p)
	})
}

// TestAForgottenJobTakesNoMemory starts jobs without a handler, with far more bytes than may be
// left.
func TestAForgottenJobTakesNoMemory(t *testing.T) {
	const jobs, size, left = 5_000, 10 << 10, 10 << 20 // 50 MB in all
	srv := devserver.New(devserver.WithRetention(10))
	defer srv.Close()
	payload := strings.Repeat("x", size)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range jobs {
		if _, err := srv.FireCron("entry", "unhandled", payload); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if more := int64(after.HeapAlloc) - int64(before.HeapAlloc); more > left {
		t.Errorf("%d bytes are left", more)
	}
}

func TestAJobThatIsHandledAfterAllIsNotForgottenWhileItRuns(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithRetention(1)}, func(b *bubble, format wire.Format) {
		p := b.login(format)
		id := p.enqueue("late", nil)
		time.Sleep(time.Second)
		b.srv.HandleJob("late", func(context.Context, devserver.Job) error {
			time.Sleep(time.Hour)
			return nil
		})
		b.srv.HandleJob("ok", func(context.Context, devserver.Job) error { return nil })
		time.Sleep(time.Minute)
		for range 2 {
			p.enqueue("ok", nil)
		}
		time.Sleep(time.Second)
		if job := p.job(id); job.State != client.JobStateRunning {
			b.Errorf("the job is %s", job.State)
		}
		time.Sleep(time.Hour)
		if job := p.job(id); job.State != client.JobStateCompleted {
			b.Errorf("the job is %s in the end", job.State)
		}
		if diff := cmp.Diff(1, len(b.srv.Jobs())); diff != "" {
			b.Errorf("jobs: %s", diff)
		}
	})
}
