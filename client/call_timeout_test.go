package client_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// wantCallTimeout checks the error of a call that ended by WithCallTimeout(5 s).
func wantCallTimeout(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, client.ErrCallTimeout) || !errors.Is(err, context.DeadlineExceeded) ||
		!strings.Contains(err.Error(), "more than 5s (see WithCallTimeout)") || strings.Count(err.Error(), "dispatch: ") != 1 {
		t.Error(err)
	}
	if client.RetryMayHelp(err) != client.SafeToRetry(err) {
		t.Errorf("%v: RetryMayHelp = %v", err, client.RetryMayHelp(err))
	}
}

func TestCallTimeoutBoundsCallsWithoutADeadline(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		p.handle = silent
		c := p.dial(format, client.WithCallTimeout(5*time.Second))
		if inv.blocking {
			return // see TestCallTimeoutDoesNotConcernWhatBlocks
		}
		start := time.Now()
		err := inv.call(t.Context(), c)
		wantUnknown(t, inv, err, client.ErrCallTimeout)
		wantCallTimeout(t, err)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("ended after %v", took)
		}
		// a ctx with a deadline, and one that ends first
		short, stop := context.WithTimeout(t.Context(), 7*time.Second)
		defer stop()
		if err := inv.call(short, c); errors.Is(err, client.ErrCallTimeout) || !errors.Is(err, context.DeadlineExceeded) || client.RetryMayHelp(err) {
			t.Error(err)
		}
		cancelled, end := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, end)
		if err := inv.call(cancelled, c); errors.Is(err, client.ErrCallTimeout) || !errors.Is(err, context.Canceled) || client.RetryMayHelp(err) {
			t.Error(err)
		}
	})
}

func TestCallTimeoutIncludesTheWaitForASession(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		if inv.blocking {
			return
		}
		p := newPeer(t)
		d := &dialFails{p: p, good: 1, err: errTest}
		c := p.dial(format, client.WithDialContext(d.dial), every(time.Second), client.WithCallTimeout(5*time.Second))
		p.conn(1).Cut()
		synctest.Wait()
		start := time.Now()
		err := inv.call(t.Context(), c)
		wantCallTimeout(t, err)
		wantUnwritten(t, err, errTest)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("ended after %v", took)
		}
	})
}

func TestCallTimeoutBoundsSubscribeAndUnsubscribe(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if field(fr, "channel") != "workflows" && fr.Method != client.MethodUnsubscribe {
				c.polite(fr)
			}
		}
		c := p.dial(format, client.WithCallTimeout(5*time.Second))
		_, err := c.Subscribe(t.Context(), "workflows")
		wantCallTimeout(t, err)
		sub := subscribe(t, c, "jobs")
		wantCallTimeout(t, c.Unsubscribe(t.Context(), sub.ID))
	})
}

// What waits for the end of something has no timeout of its own.
func TestCallTimeoutDoesNotConcernWhatBlocks(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch fr.Method {
			case client.MethodWorkflowStart:
			case client.MethodJobGet:
				c.reply(fr, map[string]string{"id": "1", "name": "n", "state": "running"})
			default:
				c.polite(fr)
			}
		}
		c := p.dial(format, client.WithCallTimeout(5*time.Second))
		sub := subscribe(t, c, "jobs")
		for name, f := range map[string]func(context.Context) error{
			"StartWorkflow": func(ctx context.Context) error { return startWorkflow(ctx, c) },
			"AwaitJob":      func(ctx context.Context) error { _, err := c.AwaitJob(ctx, "1"); return err },
			"AwaitWorkflow": func(ctx context.Context) error { _, err := c.AwaitWorkflow(ctx, "1"); return err },
			"Next":          func(ctx context.Context) error { _, err := sub.Next(ctx); return err },
		} {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Hour, cancel)
			start := time.Now()
			if err := f(ctx); !errors.Is(err, context.Canceled) || time.Since(start) != time.Hour {
				t.Errorf("%s ended after %v: %v", name, time.Since(start), err)
			}
		}
	})
	t.Run("Ready and Watch", func(t *testing.T) {
		bubble(t, func(t *testing.T, format client.Option) {
			p := newPeer(t)
			d := &dialFails{p: p, good: 1, err: errTest}
			c := p.dial(format, client.WithDialContext(d.dial), every(time.Second), client.WithCallTimeout(5*time.Second))
			p.conn(1).Cut()
			synctest.Wait()
			for name, f := range map[string]func(context.Context) error{
				"Ready": c.Ready,
				"Watch": func(ctx context.Context) error { _, err := c.Watch(ctx, "1"); return err },
			} {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Hour, cancel)
				start := time.Now()
				if err := f(ctx); !errors.Is(err, context.Canceled) || time.Since(start) != time.Hour {
					t.Errorf("%s ended after %v: %v", name, time.Since(start), err)
				}
			}
		})
	})
}
