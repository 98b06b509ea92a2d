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

func TestDrainWaitsForRuns(t *testing.T) {
	for name, opts := range map[string][]client.RunOption{"keyed": {client.WithRunKey(inputKey)}, "keyless": nil} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
				run := startRun(t, c, "w", order("1"), opts...)
				s := r.start(1)
				drained := make(chan error, 1)
				go func() { drained <- c.Drain(t.Context()) }()
				synctest.Wait()
				r.begin("a", "w", order("1"))
				if opts != nil {
					wantID(t, run, "a") // whose record is read during the drain
				}
				read := make(chan []string, 1)
				go func() {
					events, err := eventsOf(t, run)
					if err != nil {
						t.Errorf("Events: %v", err)
					}
					read <- events
				}()
				synctest.Wait()
				if c.State() != client.StateDraining {
					t.Fatalf("the client is %v while a run goes on", c.State())
				}
				r.end("a", "w", "completed", order("1"))
				s.reply("a", "completed")
				wantRecord(t, run, "a", client.RunStateCompleted)
				if events := <-read; len(events) != 2 {
					t.Errorf("events: %v", events)
				}
				if err := <-drained; err != nil {
					t.Errorf("Drain: %v", err)
				}
			})
		})
	}
}

func TestDrainWaitsForALoopOverTheEventsOfARun(t *testing.T) {
	for name, test := range map[string]struct {
		leave bool // the loop, after the first event
		want  int  // events
	}{"to the end": {false, 3}, "left": {true, 1}} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
				run := startRun(t, c, "w", nil)
				s := r.start(1)
				r.begin("a", "w", nil)
				r.emit(client.EventWorkflowStepCompleted, "a", "w")
				r.end("a", "w", "completed", nil)
				s.reply("a", "completed")
				wantRecord(t, run, "a", client.RunStateCompleted)
				drained := make(chan error, 1)
				n := 0
				for _, err := range run.Events(t.Context()) {
					if err != nil {
						t.Errorf("Events: %v", err)
					}
					if n++; n == 1 {
						go func() { drained <- c.Drain(t.Context()) }()
					}
					time.Sleep(time.Minute)
					if n < 3 && len(drained) > 0 {
						t.Error("drained during the loop")
					}
					if test.leave {
						break
					}
				}
				if err := <-drained; err != nil || n != test.want {
					t.Errorf("%d events, Drain: %v", n, err)
				}
			})
		})
	}
}

func TestDrainDoesNotWaitForEventsOfARunThatNothingReads(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		r.begin("a", "w", order("1"))
		wantID(t, run, "a")
		for range run.Events(t.Context()) {
			break
		}
		r.end("a", "w", "completed", order("1"))
		s.reply("a", "completed")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Drain(ctx); err != nil {
			t.Errorf("Drain: %v", err)
		}
		wantEvents(t, run, "workflow.completed a")
	})
}

func TestDrainThatLeavesARunCountsIt(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		r.start(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var left *client.DrainError
		if err := c.Drain(ctx); !errors.As(err, &left) || left.Calls != 1 || left.Events != 0 {
			t.Errorf("Drain: %v", err)
		}
		_, err := run.Wait(t.Context())
		if !errors.Is(err, client.ErrClosed) {
			t.Errorf("Wait: %v", err)
		}
	})
}

// TestCloseEndsARunInEachState: nothing waits any more, and no goroutine is left.
func TestCloseEndsARunInEachState(t *testing.T) {
	keyed := client.WithRunKey(inputKey)
	for name, test := range map[string]struct {
		opts    []client.Option
		deny    func(fr *wire.Frame) bool
		reach   func(r *runner, c *client.Client)
		written bool
		known   bool
	}{
		"subscription unconfirmed": {
			deny:  func(fr *wire.Frame) bool { return fr.Method == client.MethodSubscribe },
			reach: func(*runner, *client.Client) {},
		},
		"waiting for a lane": {
			opts: []client.Option{client.WithLanes(1)},
			reach: func(r *runner, c *client.Client) {
				go startWorkflow(context.Background(), c) // after the other
			},
			written: true,
		},
		"without a session": {
			opts:    []client.Option{every(time.Hour)},
			reach:   func(r *runner, _ *client.Client) { r.main().Cut() },
			written: true,
		},
		"sent": {reach: func(r *runner, _ *client.Client) { r.start(1) }, written: true},
		"record of a candidate unread": {
			deny: func(fr *wire.Frame) bool { return fr.Method == client.MethodWorkflowGet },
			reach: func(r *runner, _ *client.Client) {
				r.start(1)
				r.begin("a", "w", order("1"))
			},
			written: true,
		},
		"known": {
			reach: func(r *runner, _ *client.Client) {
				r.start(1)
				r.begin("a", "w", order("1"))
			},
			written: true, known: true,
		},
		"lane lost": {
			reach: func(r *runner, _ *client.Client) {
				s := r.start(1)
				r.begin("a", "w", order("1"))
				synctest.Wait()
				s.conn.Cut()
			},
			written: true, known: true,
		},
		"lane lost, unknown": {
			reach:   func(r *runner, _ *client.Client) { r.start(1).conn.Cut() },
			written: true,
		},
		"replied, record unread": {
			deny:    func(fr *wire.Frame) bool { return fr.Method == client.MethodWorkflowGet },
			reach:   func(r *runner, _ *client.Client) { r.start(1).reply("a", "completed") },
			written: true, known: true,
		},
		"last event missing": {
			reach: func(r *runner, _ *client.Client) {
				r.record("a", "w", "completed", nil)
				r.start(1).reply("a", "completed")
			},
			written: true, known: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				r := runWorkflows(p)
				if test.deny != nil {
					r.deny = func(_ *peerConn, fr *wire.Frame) bool { return test.deny(fr) }
				}
				c := p.dial(append(test.opts, format)...)
				run := startRun(t, c, "w", order("1"), keyed)
				test.reach(r, c)
				synctest.Wait()
				wait, id, events := make(chan error, 1), make(chan error, 1), make(chan error, 1)
				go func() { _, err := run.Wait(context.Background()); wait <- err }()
				go func() { _, err := run.ID(context.Background()); id <- err }()
				go func() { _, err := eventsOf(t, run); events <- err }()
				synctest.Wait()
				begin := time.Now()
				c.Close()
				if err := <-id; (err == nil) != test.known {
					t.Errorf("ID: %v", err)
				}
				if err := <-events; (err == nil) != test.known {
					t.Errorf("Events: %v", err)
				}
				var unknown *client.OutcomeUnknownError
				switch err := <-wait; {
				case name == "last event missing":
					if err != nil {
						t.Errorf("Wait: %v", err)
					}
				case err == nil, client.SafeToRetry(err) == test.written:
					t.Errorf("Wait: %v", err)
				case test.written && name != "replied, record unread" && !errors.As(err, &unknown):
					t.Errorf("Wait: %v", err)
				}
				if took := time.Since(begin); took > 2*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestRunWorkflowGoesThroughInterceptors(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := runWorkflows(p)
		var seen []client.Call
		c := p.dial(format, client.WithInterceptors(client.CallInterceptorFunc(func(next client.CallFunc) client.CallFunc {
			return func(ctx context.Context, call client.Call) (client.Reply, error) {
				if call.Method == client.MethodWorkflowStart { // the only one
					seen = append(seen, call)
				}
				return next(ctx, call)
			}
		})))
		input := order("1")
		run := startRun(t, c, "w", input)
		input[inputKey] = "changed"
		s := r.start(1)
		if got := string(s.input); got != `{"order":"1"}` {
			t.Errorf("input: %s", got)
		}
		drained := make(chan error, 1)
		go func() { drained <- c.Drain(t.Context()) }()
		synctest.Wait()
		r.begin("a", "w", nil)
		r.end("a", "w", "completed", nil)
		s.reply("a", "completed")
		wantRecord(t, run, "a", client.RunStateCompleted)
		if err := <-drained; err != nil {
			t.Errorf("Drain: %v", err)
		}
		if len(seen) != 1 || seen[0].Follows {
			t.Errorf("the interceptor saw %+v", seen)
		}
	})
}
