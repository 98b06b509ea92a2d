package client_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
)

func numbered(n int) []client.EnqueueItem {
	items := make([]client.EnqueueItem, n)
	for i := range items {
		items[i] = client.EnqueueItem{Name: "n", Options: []client.EnqueueOption{client.WithQueue(fmt.Sprint("q", i))}}
	}
	return items
}

func TestEnqueueManyPassesInterceptorsInOrder(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var mu sync.Mutex
		var want, seen, got []string
		p := newPeer(t)
		p.handle = echoing
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 2, WaitingCalls: 1}),
			around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
				mu.Lock()
				seen = append(seen, call.Request.(*client.EnqueueRequest).Queue)
				mu.Unlock()
				time.Sleep(time.Millisecond)
				return next(ctx, call)
			}))
		for done, err := range c.EnqueueMany(t.Context(), slices.Values(numbered(50)), client.WithWindow(8)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, done.Result.Queue)
		}
		for i := range 50 {
			want = append(want, fmt.Sprint("q", i))
		}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("interceptors: %s", diff)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("results: %s", diff)
		}
	})
}

func TestEnqueueManyHasTheErrorsOfInterceptors(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		refused := errors.New("not this one")
		p := newPeer(t)
		p.handle = echoing
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			switch call.Request.(*client.EnqueueRequest).Queue {
			case "q1":
				return client.Reply{}, refused
			case "q2":
				runtime.Goexit()
			}
			return next(ctx, call)
		}))
		var errs []error
		for _, err := range c.EnqueueMany(t.Context(), slices.Values(numbered(4))) {
			errs = append(errs, err)
		}
		if len(errs) != 4 || errs[0] != nil || !errors.Is(errs[1], refused) || errs[2] == nil || errs[3] != nil {
			t.Errorf("%v", errs)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		errs = nil
		for _, err := range c.EnqueueMany(t.Context(), slices.Values(numbered(4))) {
			errs = append(errs, err)
		}
		if len(errs) != 1 || !errors.Is(errs[0], client.ErrClosed) {
			t.Errorf("after the end: %v", errs)
		}
	})
}

func TestEnqueueManyWithInterceptorsTakesNoMoreThanItsWindow(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = silent
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			return next(ctx, call)
		}))
		ctx, cancel := context.WithCancel(t.Context())
		taken := 0
		var done sync.WaitGroup
		done.Go(func() {
			n := 0
			for _, err := range c.EnqueueMany(ctx, func(yield func(client.EnqueueItem) bool) {
				for _, item := range numbered(10) {
					if taken++; !yield(item) {
						return
					}
				}
			}, client.WithWindow(3)) {
				if n++; !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
			if n == 0 || n > 4 {
				t.Errorf("%d results", n)
			}
		})
		synctest.Wait()
		if taken != 3 {
			t.Errorf("%d items taken, want 3", taken)
		}
		cancel()
		done.Wait()
	})
}
