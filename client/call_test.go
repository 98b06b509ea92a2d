package client_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// invocation is a way to call one method of the protocol.
type invocation struct {
	method     string
	repeatable bool
	blocking   bool
	call       func(context.Context, *client.Client) error
}

var invocations = []invocation{
	{client.MethodJobEnqueue, false, false, func(ctx context.Context, c *client.Client) error {
		_, err := c.Enqueue(ctx, "n", nil)
		return err
	}},
	{client.MethodJobGet, true, false, func(ctx context.Context, c *client.Client) error {
		_, err := c.GetJob(ctx, "job_1")
		return err
	}},
	{client.MethodJobCancel, true, false, func(ctx context.Context, c *client.Client) error {
		return c.CancelJob(ctx, "job_1")
	}},
	{client.MethodWorkflowStart, false, true, func(ctx context.Context, c *client.Client) error {
		_, err := c.StartWorkflow(ctx, "w", nil)
		return err
	}},
	{client.MethodWorkflowGet, true, false, func(ctx context.Context, c *client.Client) error {
		_, err := c.GetWorkflow(ctx, "wfrun_1")
		return err
	}},
	{client.MethodWorkflowEvent, false, false, func(ctx context.Context, c *client.Client) error {
		return c.PublishEvent(ctx, "e", nil)
	}},
	{client.MethodWorkflowTimeline, true, false, func(ctx context.Context, c *client.Client) error {
		_, err := c.WorkflowTimeline(ctx, "wfrun_1")
		return err
	}},
	{client.MethodStats, true, false, func(ctx context.Context, c *client.Client) error {
		_, err := c.Stats(ctx)
		return err
	}},
	{"job.pause", false, false, func(ctx context.Context, c *client.Client) error {
		return c.Call(ctx, "job.pause", nil, nil)
	}},
}

// eachMethod runs a test for every method and in both formats.
func eachMethod(t *testing.T, f func(t *testing.T, inv invocation, format client.Option)) {
	t.Parallel()
	for _, inv := range invocations {
		t.Run(inv.method, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) { f(t, inv, format) })
		})
	}
}

// wantUnknown checks the error of a written call that ended without an answer.
func wantUnknown(t *testing.T, inv invocation, err, reason error) {
	t.Helper()
	var unknown *client.OutcomeUnknownError
	if got := errors.As(err, &unknown); got == inv.repeatable {
		t.Errorf("outcome unknown: %v, want %v (%v)", got, !inv.repeatable, err)
	}
	if !errors.Is(err, reason) {
		t.Errorf("error %v does not unwrap to %v", err, reason)
	}
	if got := client.SafeToRetry(err); got != inv.repeatable {
		t.Errorf("SafeToRetry = %v, want %v (%v)", got, inv.repeatable, err)
	}
}

// wantUnwritten checks the error of a call that was never written.
func wantUnwritten(t *testing.T, err, reason error) {
	t.Helper()
	var unknown *client.OutcomeUnknownError
	if errors.As(err, &unknown) || !errors.Is(err, reason) || !client.SafeToRetry(err) {
		t.Errorf("error %v (unknown %v, safe %v), want a safe one that unwraps to %v",
			err, unknown != nil, client.SafeToRetry(err), reason)
	}
}

func TestCallWrittenThenCtxEnds(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		p.handle = silent
		c := p.dial(format)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantUnknown(t, inv, inv.call(ctx, c), context.DeadlineExceeded)
	})
}

func TestCallWrittenThenClose(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		p.handle = func(_ *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypeRequest {
				go p.closeClient()
			}
		}
		p.client = p.dial(format)
		wantUnknown(t, inv, inv.call(t.Context(), p.client), client.ErrClosed)
	})
}

func TestCallWrittenThenLostForGood(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypeRequest {
				c.Cut()
			}
		}
		c := p.dial(format, client.WithReconnect(false))
		err := inv.call(t.Context(), c)
		if err == nil || client.SafeToRetry(err) != inv.repeatable {
			t.Fatalf("%v: SafeToRetry = %v", err, client.SafeToRetry(err))
		}
		var unknown *client.OutcomeUnknownError
		if errors.As(err, &unknown) == inv.repeatable {
			t.Fatalf("unexpected kind of error: %v", err)
		}
	})
}

func TestCallWrittenIsRepeatedAtMostThreeTimes(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		var mu sync.Mutex
		ids := map[string]int{}
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypeRequest {
				mu.Lock()
				ids[fr.ID]++
				mu.Unlock()
				c.Cut()
			}
		}
		c := p.dial(format)
		err := inv.call(t.Context(), c)
		want := 1
		if inv.repeatable {
			want = 4
		}
		mu.Lock()
		defer mu.Unlock()
		if len(ids) != want {
			t.Errorf("written with %d ids, want %d: %v", len(ids), want, ids)
		}
		if err == nil || client.SafeToRetry(err) != inv.repeatable {
			t.Errorf("%v: SafeToRetry = %v", err, client.SafeToRetry(err))
		}
		if got := c.Counters().Retries; got != uint64(want-1) {
			t.Errorf("%d retries counted, want %d", got, want-1)
		}
	})
}

func TestCallWrittenOnceAndRepeatedSucceeds(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		if !inv.repeatable {
			return // see the test above
		}
		p := newPeer(t)
		var lost atomic.Bool
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypeRequest && !lost.Swap(true) {
				c.Cut()
				return
			}
			c.polite(fr)
		}
		if err := inv.call(t.Context(), p.dial(format)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCallUnwrittenWaitsForTheNextSession(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithBackoff(func(int) (time.Duration, bool) { return time.Minute, true }))
		p.conn(1).Cut()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantUnwritten(t, inv.call(ctx, c), context.DeadlineExceeded)
		if err := inv.call(t.Context(), c); err != nil && inv.method != "job.pause" {
			t.Errorf("after reconnecting: %v", err)
		}
		if n := len(p.seen()); n != 1 {
			t.Errorf("%d requests handled, want 1: %v", n, p.seen())
		}
	})
}

func TestCallUnwrittenThenClose(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithBackoff(func(int) (time.Duration, bool) { return time.Minute, true }))
		p.conn(1).Cut()
		synctest.Wait()
		time.AfterFunc(time.Second, func() { c.Close() })
		wantUnwritten(t, inv.call(t.Context(), c), client.ErrClosed)
		wantUnwritten(t, inv.call(t.Context(), c), client.ErrClosed)
	})
}

func TestCallIsTakenBackFromAStalledConnection(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		if inv.blocking {
			return // it has a connection of its own: see the lanes
		}
		p := newPeer(t)
		c := p.dial(format)
		p.conn(1).StallReads()
		// A first call fills the connection: its flush is under way until the write deadline.
		go c.Enqueue(t.Context(), "big", strings.Repeat("x", 100<<10))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantUnwritten(t, inv.call(ctx, c), context.DeadlineExceeded)
	})
}

func TestCallBehindAFailedWriteIsUnwrittenAndGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		p.conn(1).StallReads()
		big := make(chan error, 1)
		go func() {
			_, err := c.Enqueue(t.Context(), "big", strings.Repeat("x", 100<<10))
			big <- err
		}()
		synctest.Wait()
		// These wait behind the flush that will fail, and are written to the next session, as is
		// the one that was cut off.
		for range 3 {
			if _, err := c.Enqueue(t.Context(), "small", nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-big; err != nil {
			t.Fatalf("the call that was being written: %v", err)
		}
		if diff := cmp.Diff(map[string]int{"big": 1, "small": 3}, p.enqueued); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWaitingCallsAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithLimits(client.Limits{WaitingCalls: 2}), client.WithBackoff(func(int) (time.Duration, bool) { return time.Minute, true }))
		p.conn(1).Cut()
		synctest.Wait()
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if _, err := c.Stats(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		_, err := c.Stats(t.Context())
		var limit *client.LimitError
		if !errors.Is(err, client.ErrTooManyCalls) || !errors.As(err, &limit) || limit.Field != "WaitingCalls" || limit.Max != 2 {
			t.Errorf("a third: %v", err)
		}
		if !client.SafeToRetry(err) {
			t.Error("not safe to retry")
		}
		wg.Wait()
	})
}

func TestCallsInFlightAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = silent
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 2}))
		for range 2 {
			go c.Stats(t.Context())
		}
		synctest.Wait()
		_, err := c.Stats(t.Context())
		var limit *client.LimitError
		if !errors.Is(err, client.ErrTooManyCalls) || !errors.As(err, &limit) || limit.Field != "InFlightCalls" {
			t.Errorf("a third: %v", err)
		}
	})
}

func TestFailFastDoesNotWait(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithFailFast(true), client.WithBackoff(func(int) (time.Duration, bool) { return time.Minute, true }))
		p.conn(1).Cut()
		synctest.Wait()
		wantUnwritten(t, inv.call(t.Context(), c), client.ErrNotConnected)
		if _, err := c.Subscribe(t.Context(), "jobs"); !errors.Is(err, client.ErrNotConnected) {
			t.Errorf("Subscribe: %v", err)
		}
	})
}

func TestMessageTooLargeIsRefusedUnwritten(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithLimits(client.Limits{MessageBytes: 4096}))
		for _, size := range []int{4096, 5000, 100_000} {
			_, err := c.Enqueue(t.Context(), "n", fmt.Sprintf("%0*d", size, 0))
			var limit *client.LimitError
			if !errors.Is(err, client.ErrTooLarge) || !errors.As(err, &limit) || limit.Field != "MessageBytes" || !client.SafeToRetry(err) {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
		if _, err := c.Enqueue(t.Context(), "n", nil); err != nil || len(p.seen()) != 1 {
			t.Errorf("afterwards: %v, %v", err, p.seen())
		}
	})
}
