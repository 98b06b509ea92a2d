package client_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// runs answers workflow.get with a run that is over once this is closed.
func runs(over <-chan struct{}) func(*peerConn, *wire.Frame) {
	return func(c *peerConn, fr *wire.Frame) {
		if fr.Method != client.MethodWorkflowGet {
			c.polite(fr)
			return
		}
		run := client.WorkflowRun{ID: "wfrun_1", State: client.RunStateRunning, CreatedAt: time.Now(), UpdatedAt: time.Now(), StartedAt: time.Now()}
		select {
		case <-over:
			run.State, run.CompletedAt = client.RunStateCompleted, time.Now()
		default:
		}
		c.reply(fr, run)
	}
}

func TestInterceptorsRunAroundTheReadsOfWatchAndAwait(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		over := make(chan struct{})
		var r recording
		p := newPeer(t)
		p.handle = runs(over)
		c := p.dial(format, r.option())
		sub, err := c.Watch(t.Context(), "wfrun_1")
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { close(over) })
		if _, err := c.AwaitWorkflow(t.Context(), "wfrun_1"); err != nil {
			t.Fatal(err)
		}
		for _, err := range sub.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
		}
		seen := r.take()
		for _, s := range seen {
			if s.Method != client.MethodWorkflowGet || !s.Follows || s.Request.(*client.GetWorkflowRequest).RunID != "wfrun_1" {
				t.Errorf("%+v", s)
			}
		}
		if len(seen) < 4 {
			t.Errorf("%d reads, want the first and a later one of each", len(seen))
		}
	})
}

// A follower's interceptor holds no place while it blocks.
func TestInterceptorThatBlocksInWatchDelaysThatSubscriptionOnly(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		over, blocked := make(chan struct{}), make(chan struct{})
		var known sync.Map // the runs that were read
		p := newPeer(t)
		p.handle = runs(over)
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			id := call.Request.(*client.GetWorkflowRequest).RunID
			if _, again := known.LoadOrStore(id, true); again && id != "wfrun_1" {
				<-blocked // whatever the ctx says
			}
			return next(ctx, call)
		}))
		for i := range 100 {
			if _, err := c.Watch(t.Context(), fmt.Sprint("other_", i)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		p.conn(1).Cut() // a gap makes each of them read again
		time.Sleep(time.Minute)
		close(over)
		if _, err := c.AwaitWorkflow(t.Context(), "wfrun_1"); err != nil {
			t.Error(err)
		}
		time.AfterFunc(time.Hour, func() { close(blocked) })
		begin := time.Now()
		c.Close()
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("Close took %v", took)
		}
		<-blocked
	})
}

func TestInterceptorThatRefusesLaterReadsDelaysThem(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		over := make(chan struct{})
		close(over)
		reads := 0
		p := newPeer(t)
		p.handle = runs(over)
		own := errors.New("the circuit is open")
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			if reads++; reads == 1 {
				return client.Reply{Result: &client.WorkflowRun{ID: "wfrun_1", State: client.RunStateRunning}}, nil
			} else if reads < 5 {
				return client.Reply{}, own
			}
			return next(ctx, call)
		}))
		run, err := c.AwaitWorkflow(t.Context(), "wfrun_1")
		if err != nil || run.State != client.RunStateCompleted || reads != 5 {
			t.Errorf("%+v, %v after %d reads", run, err, reads)
		}
	})
}

func TestWatchEndsWhenAnInterceptorEndsItsGoroutine(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		reads := 0
		p := newPeer(t)
		p.handle = runs(nil)
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			if reads++; reads == 2 {
				ways["Goexit"]()
			}
			return next(ctx, call)
		}))
		sub, err := c.Watch(t.Context(), "wfrun_1")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if ev, err := sub.Next(ctx); ev != nil || err == nil || ctx.Err() != nil {
			t.Errorf("%v, %v", ev, err)
		}
	})
}

func TestInterceptorsOfSubscriptionsSeeSubscribeAndWatch(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var seen []client.SubscribeCall
		p := newPeer(t)
		p.handle = runs(nil)
		c := p.dial(format, aroundSubscribe(func(ctx context.Context, call client.SubscribeCall, next client.SubscribeFunc) (*client.Subscription, error) {
			seen = append(seen, client.SubscribeCall{Channel: call.Channel, RunID: call.RunID})
			return next(ctx, call)
		}))
		_, err1 := c.Subscribe(t.Context(), client.ChannelJobs)
		_, err2 := c.Watch(t.Context(), "wfrun_1")
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		want := []client.SubscribeCall{{Channel: "jobs"}, {Channel: "workflow:wfrun_1", RunID: "wfrun_1"}}
		if fmt.Sprint(seen) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", seen, want)
		}
	})
}

// What an interceptor does with a subscription that was made, and does not return.
func TestSubscriptionThatAnInterceptorKeepsBackIsDiscarded(t *testing.T) {
	keep := map[string]func(*client.Subscription) (*client.Subscription, error){
		"an error": func(*client.Subscription) (*client.Subscription, error) { return nil, errors.New("no") },
		"nothing":  func(*client.Subscription) (*client.Subscription, error) { return nil, nil }, //nolint:nilnil // the test
		"panic":    func(*client.Subscription) (*client.Subscription, error) { panic("no") },
		"Goexit":   func(*client.Subscription) (*client.Subscription, error) { ways["Goexit"](); return nil, nil }, //nolint:nilnil // not reached
	}
	for name, end := range keep {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				var made *client.Subscription
				p := newPeer(t)
				c := p.dial(format, aroundSubscribe(func(ctx context.Context, call client.SubscribeCall, next client.SubscribeFunc) (*client.Subscription, error) {
					sub, err := next(ctx, call)
					if err != nil {
						return nil, err
					}
					made = sub
					return end(sub)
				}))
				leaving(func() {
					if sub, err := c.Subscribe(t.Context(), client.ChannelJobs); sub != nil || err == nil {
						t.Errorf("%v, %v", sub, err)
					}
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := made.Next(ctx); ctx.Err() != nil {
					t.Errorf("the subscription goes on: %v", err)
				}
				synctest.Wait()
				if seen := p.seen(); len(seen) != 2 || seen[1] != "unsubscribe" {
					t.Errorf("the server got %v", seen)
				}
			})
		})
	}
}

func TestInterceptorMaySubscribeTwice(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var subs []*client.Subscription
		p := newPeer(t)
		c := p.dial(format, aroundSubscribe(func(ctx context.Context, call client.SubscribeCall, next client.SubscribeFunc) (*client.Subscription, error) {
			for range 2 {
				sub, err := next(ctx, call)
				if err != nil {
					return nil, err
				}
				subs = append(subs, sub)
			}
			return subs[1], nil
		}))
		sub, err := c.Subscribe(t.Context(), client.ChannelJobs)
		if err != nil || sub != subs[1] {
			t.Fatal(sub, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := subs[0].Next(ctx); ctx.Err() != nil {
			t.Errorf("the first goes on: %v", err)
		}
		if _, err := sub.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second has ended: %v", err)
		}
	})
}
