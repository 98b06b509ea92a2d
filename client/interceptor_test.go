package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// around makes an interceptor of calls from a function that gets next with each call.
func around(f func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error)) client.Option {
	return client.WithInterceptors(client.CallInterceptorFunc(func(next client.CallFunc) client.CallFunc {
		return func(ctx context.Context, call client.Call) (client.Reply, error) { return f(ctx, call, next) }
	}))
}

func aroundSubscribe(f func(ctx context.Context, call client.SubscribeCall, next client.SubscribeFunc) (*client.Subscription, error)) client.Option {
	return client.WithInterceptors(client.SubscribeInterceptorFunc(func(next client.SubscribeFunc) client.SubscribeFunc {
		return func(ctx context.Context, call client.SubscribeCall) (*client.Subscription, error) {
			return f(ctx, call, next)
		}
	}))
}

func TestInterceptorsRunInTheOrderGivenOnTheCallersContext(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		type key struct{}
		var mu sync.Mutex
		var log []string
		note := func(name string) client.Option {
			return around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
				outer, _ := ctx.Value(key{}).(string)
				mu.Lock()
				log = append(log, name+" in after "+outer)
				mu.Unlock()
				r, err := next(context.WithValue(ctx, key{}, outer+name), call)
				mu.Lock()
				log = append(log, name+" out")
				mu.Unlock()
				return r, err
			})
		}
		p := newPeer(t)
		c := p.dial(format, note("a"), note("b"))
		if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a in after ", "b in after a", "b out", "a out"}, log); diff != "" {
			t.Error(diff)
		}
	})
}

// seenCall is what an interceptor saw of a call.
type seenCall struct {
	Method  string
	Request any
	Follows bool
	Reply   client.Reply
	Err     error
}

// recording is an interceptor that records each call.
type recording struct {
	mu   sync.Mutex
	seen []seenCall
}

func (r *recording) option() client.Option {
	return around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
		reply, err := next(ctx, call)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen = append(r.seen, seenCall{call.Method, call.Request, call.Follows, reply, err})
		return reply, err
	})
}

func (r *recording) take() []seenCall {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	return seen
}

func TestInterceptorsSeeTypedRequestsAndResults(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var r recording
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch fr.Method {
			case client.MethodJobEnqueue:
				c.reply(fr, client.EnqueueResult{JobID: "job_1", Queue: "q", State: "pending"})
			case client.MethodWorkflowTimeline:
				c.reply(fr, []client.TimelineEntry{})
			case client.MethodWorkflowEvent:
				c.reply(fr, wire.PublishEventResult{EventID: "evt_1", Name: "e"})
			case "job.pause":
				c.reply(fr, []int{1})
			default:
				c.polite(fr)
			}
		}
		c := p.dial(format, r.option())
		ctx := t.Context()
		_, err1 := c.Enqueue(ctx, "n", 1, client.WithQueue("q"))
		_, err2 := c.WorkflowTimeline(ctx, "wfrun_1")
		err3 := c.PublishEvent(ctx, "e", nil)
		var numbers []int
		err4 := c.Call(ctx, "job.pause", "everything", &numbers)
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		want := []seenCall{
			{client.MethodJobEnqueue, &client.EnqueueRequest{Name: "n", Payload: 1, Queue: "q"}, false, client.Reply{
				Result: &client.EnqueueResult{JobID: "job_1", Queue: "q", State: "pending"}, Attempts: 1, Session: 1,
			}, nil},
			{client.MethodWorkflowTimeline, &client.WorkflowTimelineRequest{RunID: "wfrun_1"}, false, client.Reply{
				Result: []client.TimelineEntry{}, Attempts: 1, Session: 1,
			}, nil},
			{client.MethodWorkflowEvent, &client.PublishEventRequest{Name: "e", Payload: json.RawMessage("null")}, false, client.Reply{Attempts: 1, Session: 1}, nil},
			{"job.pause", "everything", false, client.Reply{Result: json.RawMessage("[1]"), Attempts: 1, Session: 1}, nil},
		}
		if diff := cmp.Diff(want, r.take()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int{1}, numbers); diff != "" {
			t.Error(diff)
		}
	})
}

func TestInterceptorsSeeAttemptsAndSessionsOfFailedCallsToo(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		var r recording
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypeRequest {
				c.Cut()
			}
		}
		c := p.dial(format, r.option())
		err := inv.call(t.Context(), c)
		want := 1
		if inv.repeatable {
			want = 4
		}
		seen := r.take()
		if len(seen) != 1 || seen[0].Err == nil || !errors.Is(err, seen[0].Err) {
			t.Fatalf("%v, want the call's error once: %v", seen, err)
		}
		if got := seen[0].Reply; got.Attempts != want || got.Session < uint64(want) || got.Result != nil {
			t.Errorf("%+v, want %d attempts and the session of the last", got, want)
		}
	})
}

func TestInterceptorRefusesACallWithItsOwnErrorUnsent(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		own := errors.New("not now")
		p := newPeer(t)
		c := p.dial(format, around(func(context.Context, client.Call, client.CallFunc) (client.Reply, error) {
			return client.Reply{}, own
		}))
		if err := inv.call(t.Context(), c); err != own {
			t.Errorf("error %v, want the interceptor's", err)
		}
		if seen := p.seen(); len(seen) > 0 {
			t.Errorf("the server got %v", seen)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestInterceptorRetriesByCallingNextAgain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var inner recording
		var refusals int
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodStats && refusals < 2 {
				refusals++
				c.send(&wire.Frame{Type: wire.TypeError, CorrelID: fr.ID, Error: &wire.ErrorDetail{Code: 503, Message: "starting"}})
				return
			}
			c.polite(fr)
		}
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			for {
				reply, err := next(ctx, call)
				if !client.RetryMayHelp(err) {
					return reply, err
				}
				time.Sleep(time.Second)
			}
		}), inner.option())
		if _, err := c.Stats(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(inner.take()); n != 3 {
			t.Errorf("the interceptor behind ran %d times, want 3", n)
		}
	})
}

func TestInterceptorMayCallNextConcurrently(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = echoing
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			var done sync.WaitGroup
			for range 4 {
				done.Go(func() {
					if _, err := next(ctx, call); err != nil {
						t.Error(err)
					}
				})
			}
			done.Wait()
			return next(ctx, call)
		}))
		r, err := c.Enqueue(t.Context(), "n", nil, client.WithQueue("q"))
		if err != nil || r.Queue != "q" || len(p.seen()) != 5 {
			t.Errorf("%v, %v, the server got %v", r, err, p.seen())
		}
	})
}

func TestNextMakesNoCallAfterTheCallHasReturned(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		var late func() error
		p := newPeer(t)
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			late = func() error {
				_, err := next(ctx, call)
				return err
			}
			return next(ctx, call)
		}))
		if _, err := c.Stats(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := late(); err == nil || !client.SafeToRetry(err) || len(p.seen()) != 1 {
			t.Errorf("error %v, the server got %v", err, p.seen())
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A next that still runs when its call has returned is waited for by a drain.
func TestDrainWaitsForANextThatOutlivesItsCall(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		answer := make(chan struct{})
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypeRequest {
				<-answer
			}
			c.polite(fr)
		}
		hedged := make(chan error, 1)
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			go func() {
				_, err := next(ctx, call)
				hedged <- err
			}()
			synctest.Wait()
			return client.Reply{}, errors.New("too slow")
		}))
		if _, err := c.Stats(t.Context()); err == nil {
			t.Fatal("no error")
		}
		drained := make(chan error, 1)
		go func() { drained <- c.Drain(t.Context()) }()
		synctest.Wait()
		if len(drained) > 0 {
			t.Error("the drain did not wait")
		}
		close(answer)
		if err := errors.Join(<-hedged, <-drained); err != nil {
			t.Error(err)
		}
	})
}

func TestCallInAnInterceptorGoesOnDuringADrain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, around(func(ctx context.Context, call client.Call, next client.CallFunc) (client.Reply, error) {
			time.Sleep(time.Second)
			return next(ctx, call)
		}))
		called := make(chan error, 1)
		go func() {
			_, err := c.Stats(t.Context())
			called <- err
		}()
		synctest.Wait()
		drained := make(chan error, 1)
		go func() { drained <- c.Drain(t.Context()) }()
		synctest.Wait()
		_, refused := c.Stats(t.Context())
		if !errors.Is(refused, client.ErrDraining) {
			t.Errorf("a call that began later: %v", refused)
		}
		if err := errors.Join(<-called, <-drained); err != nil {
			t.Error(err)
		}
	})
}
