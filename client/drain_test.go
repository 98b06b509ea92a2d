package client_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// pullSlowly pulls one event a second until the subscription's end and returns how many there were.
func pullSlowly(t *testing.T, sub *client.Subscription) (n int) {
	t.Helper()
	for {
		time.Sleep(time.Second)
		if _, err := sub.Next(t.Context()); err != nil {
			if err != io.EOF && !errors.Is(err, client.ErrOverflow) {
				t.Errorf("Next: %v", err)
			}
			return n
		}
		n++
	}
}

func TestDrainWaitsForWhatEndedSubscriptionsHaveQueued(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *client.Client, *peerConn) *client.Subscription{
		"Watch whose last event is queued": func(t *testing.T, c *client.Client, conn *peerConn) *client.Subscription {
			sub, err := c.Watch(t.Context(), "1")
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				conn.event(client.EventWorkflowStepCompleted, "workflow:1", map[string]any{})
			}
			conn.event(client.EventWorkflowCompleted, "workflow:1", map[string]any{})
			return sub
		},
		"Close": func(t *testing.T, c *client.Client, conn *peerConn) *client.Subscription {
			sub := subscribe(t, c, "jobs")
			conn.numbered(1, 4)
			synctest.Wait()
			sub.Close()
			return sub
		},
		"Unsubscribe": func(t *testing.T, c *client.Client, conn *peerConn) *client.Subscription {
			sub := subscribe(t, c, "jobs")
			conn.numbered(1, 4)
			synctest.Wait()
			if err := c.Unsubscribe(t.Context(), sub.ID); err != nil {
				t.Error(err)
			}
			return sub
		},
		"overflow": func(t *testing.T, c *client.Client, conn *peerConn) *client.Subscription {
			sub := subscribe(t, c, "jobs", client.WithBuffer(4, 1<<20), client.WithOverflow(client.OverflowFail))
			conn.numbered(1, 5)
			return sub
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				c := p.dial(format)
				sub := end(t, c, p.conn(1))
				synctest.Wait()
				pulled := 0
				var consumer sync.WaitGroup
				consumer.Go(func() { pulled = pullSlowly(t, sub) })
				start := time.Now()
				if err := c.Drain(t.Context()); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took != 4*time.Second {
					t.Errorf("Drain returned after %v, want 4s", took)
				}
				consumer.Wait()
				if pulled != 4 {
					t.Errorf("%d events delivered, want 4", pulled)
				}
			})
		})
	}
}

func TestDrainCountsWhatEndedSubscriptionsHaveQueued(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		ended, alive := subscribe(t, c, "jobs"), subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 3)
		synctest.Wait()
		ended.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var left *client.DrainError
		if err := c.Drain(ctx); !errors.As(err, &left) || left.Events != 6 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Drain: %v, want 6 events left", err)
		}
		for _, sub := range []*client.Subscription{ended, alive} {
			if evs := whole(t, sub); len(evs) != 3 {
				t.Errorf("Next returns %d events after the drain, want 3", len(evs))
			}
		}
	})
}

func TestDrainsAtTheSameTimeShareOne(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 10)
		synctest.Wait()
		start := time.Now()
		var drains sync.WaitGroup
		for i := range 3 {
			drains.Go(func() {
				time.Sleep(time.Duration(i) * 1500 * time.Millisecond)
				if err := c.Drain(t.Context()); err != nil || c.State() != client.StateClosed {
					t.Errorf("drain %d: %v, and the client is %v", i+1, err, c.State())
				}
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("drain %d returned after %v, want 10s", i+1, took)
				}
			})
		}
		if n := pullSlowly(t, sub); n != 10 {
			t.Errorf("%d events delivered, want 10", n)
		}
		drains.Wait()
	})
}

func TestDrainWhoseCtxEndsDoesNotEndOthers(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 10)
		synctest.Wait()
		patient := errs(func() error { return c.Drain(t.Context()) })
		impatient := errs(func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
			defer cancel()
			return c.Drain(ctx)
		})
		if n := pullSlowly(t, sub); n != 10 {
			t.Errorf("%d events delivered, want 10", n)
		}
		var left *client.DrainError
		if err := <-impatient; !errors.As(err, &left) || left.Events != 7 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the drain whose ctx ended: %v, want 7 events left", err)
		}
		if err := <-patient; err != nil {
			t.Errorf("the other: %v", err)
		}
		if c.State() != client.StateClosed {
			t.Error(c.State())
		}
	})
}

func TestCloseDuringADrainIsReportedByTheDrain(t *testing.T) {
	for name, test := range map[string]struct{ calls, events int }{
		"calls and events": {2, 3},
		"events":           {0, 3},
		"calls":            {2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method != client.MethodStats {
						c.polite(fr)
					}
				}
				c := p.dial(format)
				sub := subscribe(t, c, "jobs")
				p.conn(1).numbered(1, test.events)
				var calls sync.WaitGroup
				for range test.calls {
					calls.Go(func() {
						if _, err := c.Stats(t.Context()); !errors.Is(err, client.ErrClosed) {
							t.Error(err)
						}
					})
				}
				synctest.Wait()
				drains := []<-chan error{
					errs(func() error { return c.Drain(t.Context()) }), errs(func() error { return c.Drain(t.Context()) }),
				}
				synctest.Wait()
				if err := c.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				for _, drained := range drains {
					err := <-drained
					var left *client.DrainError
					if !errors.As(err, &left) || left.Calls != test.calls || left.Events != test.events || !errors.Is(err, client.ErrClosed) {
						t.Errorf("Drain: %v, want %d calls and %d events left", err, test.calls, test.events)
					}
				}
				calls.Wait()
				if evs := whole(t, sub); len(evs) != test.events {
					t.Errorf("Next returns %d events after Close, want %d", len(evs), test.events)
				}
			})
		})
	}
}

func TestCloseThatLeavesNothingOfADrainIsNoError(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method != client.MethodUnsubscribe {
				c.polite(fr)
			}
		}
		c := p.dial(format)
		subscribe(t, c, "jobs")
		drained := errs(func() error { return c.Drain(t.Context()) })
		synctest.Wait()
		select {
		case err := <-drained:
			t.Fatalf("drained before the server's answer: %v", err)
		default:
		}
		c.Close()
		if err := <-drained; err != nil {
			t.Error(err)
		}
	})
}

// TestDrainIgnoresQueuesThatUsersNeverGot has subscriptions fail while events are queued for them.
func TestDrainIgnoresQueuesThatUsersNeverGot(t *testing.T) {
	for name, follow := range map[string]func(context.Context, *client.Client) error{
		"Subscribe": func(ctx context.Context, c *client.Client) error { _, err := c.Subscribe(ctx, "job:1"); return err },
		"Watch":     func(ctx context.Context, c *client.Client) error { _, err := c.Watch(ctx, "1"); return err },
		"AwaitJob":  func(ctx context.Context, c *client.Client) error { _, err := c.AwaitJob(ctx, "1"); return err },
	} {
		for _, unanswered := range []string{client.MethodSubscribe, "get"} {
			if name == "Subscribe" && unanswered == "get" {
				continue
			}
			t.Run(name+" without an answer to "+unanswered, func(t *testing.T) {
				bubble(t, func(t *testing.T, format client.Option) {
					p := newPeer(t)
					p.handle = func(c *peerConn, fr *wire.Frame) {
						isGet := fr.Method == client.MethodJobGet || fr.Method == client.MethodWorkflowGet
						switch {
						case fr.Method == unanswered, isGet && unanswered == "get":
						case fr.Method == client.MethodJobGet:
							c.reply(fr, map[string]string{"id": "1", "name": "n", "state": "running"})
						default:
							c.polite(fr)
						}
					}
					c := p.dial(format)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					failed := errs(func() error { return follow(ctx, c) })
					synctest.Wait()
					p.conn(1).numbered(1, 3)
					p.conn(1).event(client.EventWorkflowStarted, "workflow:1", map[string]any{})
					if err := <-failed; err == nil {
						t.Fatal("no error")
					}
					start := time.Now()
					short, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					if err := c.Drain(short); err != nil {
						t.Errorf("Drain after %v: %v", time.Since(start), err)
					}
				})
			})
		}
	}
}

func TestDrainDoesNotWaitForEverForALostAnswerToUnsubscribe(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method != client.MethodUnsubscribe || field(fr, "channel") != "jobs" {
				c.polite(fr) // pings too, so the session lives
			}
		}
		c := p.dial(format)
		subs := []*client.Subscription{subscribe(t, c, "jobs"), subscribe(t, c, "workflows")}
		p.conn(1).numbered(1, 1)
		synctest.Wait()
		start := time.Now()
		drained := errs(func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			return c.Drain(ctx)
		})
		if n := len(whole(t, subs[0])); n != 1 {
			t.Errorf("%d events, want 1", n)
		}
		if err := <-drained; err != nil || time.Since(start) != 15*time.Second {
			t.Errorf("%v after %v, want nil after 15 s", err, time.Since(start))
		}
	})
}
