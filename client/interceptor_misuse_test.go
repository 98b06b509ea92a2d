package client_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/xraph/dispatch/client"
)

// ways are how an interceptor may leave otherwise than by returning.
var ways = map[string]func(){
	"panic":  func() { panic("interceptor") },
	"Goexit": runtime.Goexit,
}

// leaving runs f on a goroutine and reports whether it ended by itself, and not by a panic or
// Goexit.
func leaving(f func()) (returned bool) {
	var done sync.WaitGroup
	done.Go(func() {
		defer func() { _ = recover() }()
		f()
		returned = true
	})
	done.Wait()
	return returned
}

func TestInterceptorThatPanicsLeavesTheClientUsable(t *testing.T) {
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
				p := newPeer(t)
				leaves := 0 // before the call, after it, not at all
				c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 1}), client.WithLanes(1),
					around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
						if leaves++; leaves == 1 {
							leave()
						}
						reply, err := next(ctx, call)
						if leaves == 2 {
							leave()
						}
						return reply, err
					}))
				for range 2 {
					if leaving(func() { _ = inv.call(t.Context(), c) }) {
						t.Error("the call returned")
					}
				}
				if err := inv.call(t.Context(), c); err != nil && !errors.Is(err, client.ErrMethodNotFound) {
					t.Error(err)
				}
				if err := c.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestInterceptorMayReplaceAReplyByOneOfTheMethodsType(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var result any
		p := newPeer(t)
		c := p.dial(format, around(func(context.Context, client.Call, client.CallFunc) (client.Reply, error) {
			return client.Reply{Result: result}, nil
		}))
		result = &client.Job{ID: "cached"}
		if job, err := c.GetJob(t.Context(), "job_1"); err != nil || job.ID != "cached" {
			t.Errorf("%v, %v", job, err)
		}
		for _, result = range []any{nil, client.Job{}, (*client.Job)(nil), &client.Stats{}} {
			if job, err := c.GetJob(t.Context(), "job_1"); err == nil || job != nil {
				t.Errorf("%T: %v, %v", result, job, err)
			}
		}
		result = nil
		if err := c.CancelJob(t.Context(), "job_1"); err != nil {
			t.Errorf("a method without a result: %v", err)
		}
	})
}

func TestCallThatNoClientMadeIsAnErrorOfNext(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		c := newPeer(t).dial(format, around(func(ctx context.Context, _ client.Call, next client.CallFunc) (client.Reply, error) {
			return next(ctx, client.Call{Method: client.MethodStats})
		}), aroundSubscribe(func(ctx context.Context, _ client.SubscribeCall, next client.SubscribeFunc) (*client.Subscription, error) {
			return next(ctx, client.SubscribeCall{Channel: client.ChannelJobs})
		}))
		_, err := c.Stats(t.Context())
		_, err2 := c.Subscribe(t.Context(), client.ChannelJobs)
		if !client.SafeToRetry(err) || !client.SafeToRetry(err2) {
			t.Errorf("%v, %v", err, err2)
		}
	})
}

func TestInterceptorThatIsNilIsAnErrorOfDialContext(t *testing.T) {
	t.Parallel()
	for name, i := range map[string]client.Interceptor{
		"nil":                  nil,
		"a nil function":       client.CallInterceptorFunc(nil),
		"one that gives a nil": client.CallInterceptorFunc(func(client.CallFunc) client.CallFunc { return nil }),
		"one that gives nil": client.SubscribeInterceptorFunc(func(client.SubscribeFunc) client.SubscribeFunc {
			return nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.DialContext(t.Context(), "ws://peer.test/dwp", client.WithInterceptors(i))
			if err == nil || fmt.Sprint(err)[:27] != "dispatch: WithInterceptors:" {
				t.Error(err)
			}
		})
	}
}
