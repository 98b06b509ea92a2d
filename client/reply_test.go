package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestSafeToRetryAfterARefusal(t *testing.T) {
	sentinels := map[int]error{
		400: client.ErrBadRequest, 401: client.ErrUnauthorized, 403: client.ErrForbidden, 404: client.ErrNotFound,
		405: client.ErrMethodNotFound, 409: client.ErrConflict, 500: client.ErrInternal, 418: nil, 599: nil,
	}
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		for code, sentinel := range sentinels {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) { c.refuse(fr, code, "no") }
			err := inv.call(t.Context(), p.dial(format))
			var refused *client.Error
			if !errors.As(err, &refused) || refused.Code != client.Code(code) || refused.Message != "no" || refused.Method != inv.method {
				t.Fatalf("code %d: %#v", code, err)
			}
			for other, s := range sentinels {
				if s != nil && errors.Is(err, s) != (other == code) {
					t.Errorf("code %d: errors.Is(err, the sentinel of %d) = %v", code, other, other != code)
				}
			}
			want := inv.repeatable || sentinel != nil && code < 406
			if got := client.SafeToRetry(err); got != want {
				t.Errorf("code %d: SafeToRetry = %v, want %v", code, got, want)
			}
		}
	})
}

func TestReplyOfTheWrongTypeFailsOnlyItsCall(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		if inv.method == "job.pause" {
			return // nothing is expected of its reply
		}
		for _, shape := range []any{"text", 7, map[string]any{"id": 1, "job_id": 1, "run_id": 1, "event_id": 1, "status": 1, "broker": 1}, []int{1}} {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) { c.reply(fr, shape) }
			c := p.dial(format)
			err := inv.call(t.Context(), c)
			var garbled *client.ReplyError
			if !errors.As(err, &garbled) || client.SafeToRetry(err) != inv.repeatable {
				t.Errorf("%v: %T %v, SafeToRetry %v", shape, err, err, client.SafeToRetry(err))
			}
			if c.State() != client.StateReady {
				t.Errorf("%v: the client is %v", shape, c.State())
			}
		}
	})
}

func TestReceiptWithoutItsIDIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) { c.reply(fr, map[string]any{"state": "completed"}) }
		c := p.dial(format)
		job, err := c.Enqueue(t.Context(), "job", nil)
		var garbled *client.ReplyError
		if job != nil || !errors.As(err, &garbled) || client.SafeToRetry(err) {
			t.Errorf("Enqueue: %v, %v", job, err)
		}
		run, err := c.StartWorkflow(t.Context(), "workflow", nil)
		if run != nil || !errors.As(err, &garbled) || client.SafeToRetry(err) {
			t.Errorf("StartWorkflow: %v, %v", run, err)
		}
	})
}

func TestListOfNothingIsNoError(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, data := range []any{nil, []int{}} {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) { c.reply(fr, data) }
			if list, err := p.dial(format).WorkflowTimeline(t.Context(), "wfrun_1"); err != nil || len(list) != 0 {
				t.Errorf("%v: %v, %v", data, list, err)
			}
		}
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) { c.send(&wire.Frame{Type: wire.TypeResponse, CorrelID: fr.ID}) }
		if list, err := p.dial(format).WorkflowTimeline(t.Context(), "wfrun_1"); list != nil || err != nil {
			t.Errorf("no data: %v, %v", list, err)
		}
	})
}

func TestCallByName(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		var job client.Job
		if err := c.Call(t.Context(), "job.get", map[string]string{"job_id": "job_7"}, &job); err != nil || job.ID != "job_7" {
			t.Errorf("job.get: %v, %v", job.ID, err)
		}
		if err := c.Call(t.Context(), "stats", nil, nil); err != nil {
			t.Errorf("stats: %v", err)
		}
		for _, name := range []string{"auth", "subscribe", "unsubscribe", ""} {
			before := len(p.seen())
			if err := c.Call(t.Context(), name, nil, nil); err == nil || !client.SafeToRetry(err) {
				t.Errorf("%q: %v", name, err)
			}
			if len(p.seen()) != before {
				t.Errorf("%q was sent", name)
			}
		}
		if err := c.Call(t.Context(), "job.get", func() {}, nil); err == nil || !client.SafeToRetry(err) {
			t.Errorf("a request that does not encode: %v", err)
		}
	})
}

func TestLateRepliesAreCountedAndDropped(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var held *wire.Frame
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case fr.Type != wire.TypeRequest:
				c.polite(fr)
			case held == nil:
				held = fr
			default:
				c.polite(held) // too late, on the second connection from an older session
				c.polite(fr)
				c.polite(fr)                              // twice
				c.reply(&wire.Frame{ID: "never-sent"}, 1) // to nothing
			}
		}
		c := p.dial(format)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Stats(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := c.Stats(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			p.conn(p.count()).Cut()
			synctest.Wait()
		}
		if got := c.Counters().LateReplies; got != 6 {
			t.Errorf("%d late replies counted, want 6", got)
		}
	})
}

func TestErrorWithoutCorrelationFailsTheOnlyCall(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) { c.refuse(&wire.Frame{}, 400, "cannot decode") }
		c := p.dial(format)
		if err := inv.call(t.Context(), c); !errors.Is(err, client.ErrBadRequest) || !client.SafeToRetry(err) {
			t.Error(err)
		}
		if p.count() > 2 || c.State() != client.StateReady {
			t.Errorf("%d connections, %v", p.count(), c.State())
		}
	})
}

func TestErrorWithoutCorrelationEndsASessionWithSeveralCalls(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		n := 0
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if c.n > 1 || fr.Type != wire.TypeRequest {
				c.polite(fr)
			} else if n++; n == 2 {
				c.refuse(&wire.Frame{}, 400, "cannot decode")
			}
		}
		c := p.dial(format)
		unsafe := make(chan error, 1)
		go func() {
			_, err := c.Enqueue(t.Context(), "n", nil)
			unsafe <- err
		}()
		synctest.Wait()
		if _, err := c.Stats(t.Context()); err != nil {
			t.Errorf("the safe call was not repeated: %v", err)
		}
		var unknown *client.OutcomeUnknownError
		var broken *client.ProtocolError
		if err := <-unsafe; !errors.As(err, &unknown) || !errors.As(err, &broken) {
			t.Errorf("the unsafe call: %v", err)
		}
	})
}
