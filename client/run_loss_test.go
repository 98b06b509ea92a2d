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

// lose cuts the main session and waits until there is another.
func (r *runner) lose(c *client.Client) {
	r.main().Cut()
	time.Sleep(time.Millisecond)
	if err := c.Ready(r.p.t.Context()); err != nil {
		r.p.t.Errorf("Ready: %v", err)
	}
	synctest.Wait()
}

func TestLossWhileARunIsUnknownIsAGap(t *testing.T) {
	for name, test := range map[string]struct {
		events func(r *runner, c *client.Client)
		want   []string
	}{
		"before it begins": {func(r *runner, c *client.Client) {
			r.lose(c)
			r.begin("a", "w", nil)
		}, []string{"gap reconnect", "workflow.started a", "workflow.completed a"}},
		"when it begins": {func(r *runner, c *client.Client) {
			r.record("a", "w", "running", nil)
			r.lose(c)
			r.emit(client.EventWorkflowStepCompleted, "a", "w")
		}, []string{"gap reconnect", "workflow.completed a"}},
		"after it has begun": {func(r *runner, c *client.Client) {
			r.begin("a", "w", nil)
			r.lose(c)
		}, []string{"workflow.started a", "gap reconnect", "workflow.completed a"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
				run := startRun(t, c, "w", nil)
				s := r.start(1)
				test.events(r, c)
				wantNoID(t, run)
				r.record("a", "w", "completed", nil)
				s.reply("a", "completed")
				wantID(t, run, "a")
				r.emit(client.EventWorkflowCompleted, "a", "w")
				wantRecord(t, run, "a", client.RunStateCompleted)
				wantEvents(t, run, test.want...)
			})
		})
	}
}

func TestLossBeforeTheRequestIsNoGap(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		startRun(t, c, "w", nil) // keeps the subscription
		r.start(1)
		r.lose(c)
		time.Sleep(time.Second)
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(2)
		r.begin("a", "w", order("1"))
		r.end("a", "w", "completed", order("1"))
		s.reply("a", "completed")
		wantEvents(t, run, "workflow.started a", "workflow.completed a")
	})
}

func TestReplyDuringAnOutageMakesARunKnown(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		s := r.start(1)
		r.begin("a", "w", nil)
		synctest.Wait()
		r.main().Cut()
		synctest.Wait()
		r.record("a", "w", "completed", nil)
		s.reply("a", "completed")
		wantID(t, run, "a")
		wantEvents(t, run, "workflow.started a", "gap reconnect", "workflow.completed a synthetic")
		wantRecord(t, run, "a", client.RunStateCompleted)
	})
}

func TestLossOfARunThatIsKnownIsAGapInItsPlace(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		r.begin("a", "w", order("1"))
		wantID(t, run, "a")
		r.lose(c)
		r.emit(client.EventWorkflowStepCompleted, "a", "w")
		r.end("a", "w", "completed", order("1"))
		s.reply("a", "completed")
		wantEvents(t, run, "workflow.started a", "gap reconnect", "workflow.step_completed a", "workflow.completed a")
	})
}

func TestLossOfTheLane(t *testing.T) {
	for name, test := range map[string]struct {
		after func(r *runner)
		want  []string
	}{
		"the last event comes": {
			func(r *runner) { r.end("a", "w", "failed", order("1")) },
			[]string{"workflow.started a", "workflow.failed a"},
		},
		"the last event is lost": {
			func(r *runner) { r.record("a", "w", "completed", order("1")) },
			[]string{"workflow.started a", "workflow.completed a synthetic"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
				run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
				s := r.start(1)
				r.begin("a", "w", order("1"))
				wantID(t, run, "a")
				s.conn.Cut()
				_, err := run.Wait(t.Context())
				var unknown *client.OutcomeUnknownError
				if !errors.As(err, &unknown) || unknown.Method != client.MethodWorkflowStart {
					t.Errorf("Wait: %v", err)
				}
				time.Sleep(10 * time.Second)
				test.after(r)
				wantEvents(t, run, test.want...)
				wantID(t, run, "a")
			})
		})
	}
}

func TestLossOfTheLaneOfARunThatIsUnknown(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		keyed := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		keyless := startRun(t, c, "w", nil)
		s1, s2 := r.start(1), r.start(2)
		s1.conn.Cut()
		s2.conn.Cut()
		synctest.Wait()
		time.Sleep(500 * time.Millisecond)
		r.begin("a", "w", order("1")) // its event was on its way when the lane broke
		wantID(t, keyed, "a")
		_, id := keyless.ID(t.Context())
		_, wait := keyless.Wait(t.Context())
		_, events := eventsOf(t, keyless)
		for method, err := range map[string]error{"ID": id, "Wait": wait, "Events": events} {
			if _, unknown := errors.AsType[*client.OutcomeUnknownError](err); !unknown {
				t.Errorf("%s of the run without a key: %v", method, err)
			}
		}
		if ids := keyless.Candidates(); ids != nil {
			t.Errorf("candidates of the run without a key: %v", ids)
		}
	})
}

func TestKeyedRunThatDoesNotBeginBecomesUnknownAfterItsLane(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		s.conn.Cut()
		time.Sleep(2 * time.Second)
		r.begin("a", "w", order("1"))
		_, err := run.ID(t.Context())
		if _, unknown := errors.AsType[*client.OutcomeUnknownError](err); !unknown {
			t.Errorf("ID: %v", err)
		}
	})
}

func TestCtxOfRunWorkflowBoundsTheRequest(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		run, err := c.RunWorkflow(ctx, "w", order("1"), client.WithRunKey(inputKey))
		if err != nil {
			t.Fatal(err)
		}
		r.start(1)
		r.begin("a", "w", order("1"))
		_, err = run.Wait(t.Context())
		var unknown *client.OutcomeUnknownError
		if !errors.As(err, &unknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Wait: %v", err)
		}
		r.end("a", "w", "completed", order("1"))
		wantEvents(t, run, "workflow.started a", "workflow.completed a")
	})
}

func TestRunThatWasNotSentIsSafeToRetry(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := runWorkflows(p)
		c := p.dial(format, client.WithLanes(1))
		startRun(t, c, "w", nil)
		r.start(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		run, err := c.RunWorkflow(ctx, "w", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = run.Wait(t.Context())
		wantUnwritten(t, err, context.DeadlineExceeded)
		_, err = run.ID(t.Context())
		wantUnwritten(t, err, context.DeadlineExceeded)
	})
}

func TestServerThatRefusesARun(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := runWorkflows(p)
		r.deny = func(c *peerConn, fr *wire.Frame) bool {
			if fr.Method == client.MethodWorkflowStart {
				c.refuse(fr, 500, "no workflow registered")
				return true
			}
			return false
		}
		c := p.dial(format)
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		_, id := run.ID(t.Context())
		_, wait := run.Wait(t.Context())
		_, events := eventsOf(t, run)
		for name, err := range map[string]error{"ID": id, "Wait": wait, "Events": events} {
			if !errors.Is(err, client.ErrInternal) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
