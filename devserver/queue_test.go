package devserver_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

// logged is the text of a log. It is safe for concurrent use.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// warnings is a logger of warnings, and what it logged.
func warnings() (*slog.Logger, *logged) {
	text := new(logged)
	return slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: slog.LevelWarn})), text
}

func TestOnlyPolledQueuesAreWorked(t *testing.T) {
	for name, test := range map[string]struct {
		opts  []devserver.Option
		works []string
	}{
		"by default":                 {nil, []string{"default"}},
		"with queues":                {[]devserver.Option{devserver.WithQueues("critical", "mail")}, []string{"critical", "mail"}},
		"with all queues":            {[]devserver.Option{devserver.WithAllQueues()}, []string{"default", "critical", "mail"}},
		"with queues after all":      {[]devserver.Option{devserver.WithAllQueues(), devserver.WithQueues("mail")}, []string{"mail"}},
		"with no queue":              {[]devserver.Option{devserver.WithQueues()}, nil},
		"with a job of the default":  {[]devserver.Option{devserver.WithQueues("default")}, []string{"default"}},
		"with all queues after some": {[]devserver.Option{devserver.WithQueues("x"), devserver.WithAllQueues()}, []string{"default", "critical", "mail"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, test.opts, func(b *bubble, format wire.Format) {
				b.srv.HandleJob("job", func(context.Context, devserver.Job) error { return nil })
				p, watcher := b.login(format), b.login(format)
				must[object](watcher, "subscribe", object{"channel": "jobs"})
				var works []string
				for _, queue := range []string{"default", "critical", "mail"} {
					id := p.enqueue("job", object{"queue": queue})
					time.Sleep(time.Hour)
					events := []string{"job.enqueued"}
					switch job := p.job(id); job.State {
					case client.JobStateCompleted:
						works = append(works, queue)
						events = append(events, "job.started", "job.completed")
					case client.JobStatePending:
					default:
						b.Errorf("the job in %s is %s", queue, job.State)
					}
					if diff := cmp.Diff(events, watcher.types()); diff != "" {
						b.Errorf("%s: %s", queue, diff)
					}
				}
				if diff := cmp.Diff(test.works, works); diff != "" {
					b.Error(diff)
				}
			})
		})
	}
}

func TestWhatIsNotWorkedIsLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, text := warnings()
		srv := devserver.New(devserver.WithLogger(log))
		b := &bubble{T: t, srv: srv, listen: serveInMemory(t, srv)}
		srv.HandleJob("job", func(context.Context, devserver.Job) error { return nil })
		p := b.login(wire.FormatJSON)
		for range 2 {
			p.enqueue("unknown", nil)
			p.enqueue("job", nil)
			p.enqueue("job", object{"queue": "critical"})
			time.Sleep(time.Hour)
		}
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		if len(lines) != 2 {
			t.Fatalf("it logged\n%s", text)
		}
		for i, wants := range [][]string{{"level=WARN", "name=unknown", "HandleJob"}, {"level=WARN", "queue=critical", "WithQueues", "WithAllQueues"}} {
			for _, want := range wants {
				if !strings.Contains(lines[i], want) {
					t.Errorf("%q does not say %s", lines[i], want)
				}
			}
		}
	})
}

func TestAStaleJobIsStartedAnew(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithWorkers(1)}, func(b *bubble, format wire.Format) {
		b.srv.HandleJob("ok", func(context.Context, devserver.Job) error { return nil })
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		id := p.enqueue("unknown", nil)
		time.Sleep(39 * time.Second)
		if diff := cmp.Diff([]string{"job.enqueued", "job.started"}, watcher.types()); diff != "" {
			b.Error(diff)
		}
		if job := p.job(id); job.State != client.JobStateRunning {
			b.Errorf("the job is %s", job.State)
		}
		for range 3 {
			time.Sleep(40 * time.Second)
			if diff := cmp.Diff([]string{"job.started"}, watcher.types()); diff != "" {
				b.Error(diff)
			}
		}
		p.enqueue("ok", nil) // for which the only worker is free
		if diff := cmp.Diff([]string{"job.enqueued", "job.started", "job.completed"}, watcher.types()); diff != "" {
			b.Error(diff)
		}
		b.srv.HandleJob("unknown", func(context.Context, devserver.Job) error { return nil })
		time.Sleep(40 * time.Second)
		if diff := cmp.Diff([]string{"job.started", "job.completed"}, watcher.types()); diff != "" {
			b.Error(diff)
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]string(nil), watcher.types()); diff != "" {
			b.Errorf("after its end: %s", diff)
		}
	})
}

func TestWhenAJobIsStaleIsAnOption(t *testing.T) {
	for name, test := range map[string]struct {
		after  time.Duration
		starts int
	}{"a minute": {time.Minute, 60}, "never": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, []devserver.Option{devserver.WithStaleAfter(test.after)}, func(b *bubble, format wire.Format) {
				p, watcher := b.login(format), b.login(format)
				must[object](watcher, "subscribe", object{"channel": "jobs"})
				p.enqueue("unknown", nil)
				time.Sleep(time.Hour - time.Second)
				if got := len(watcher.types()) - 1; got != test.starts {
					b.Errorf("it was started %d times, want %d", got, test.starts)
				}
			})
		})
	}
}

func TestWhatRetentionForgetsIsNotStartedAnew(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithRetention(1)}, func(b *bubble, format wire.Format) {
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "jobs"})
		p.enqueue("forgotten", nil)
		id := p.enqueue("kept", nil)
		watcher.types()
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]string{"job:" + id}, watcher.arrived()); diff != "" {
			b.Error(diff)
		}
	})
}
