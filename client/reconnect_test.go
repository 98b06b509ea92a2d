package client_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestReconnectReplacesTheSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, every(time.Second))
		sub := subscribe(t, c, "jobs")
		seq := c.Transitions(t.Context())
		start := time.Now()
		if err := c.Reconnect(t.Context()); err != nil || c.State() != client.StateReady || time.Since(start) != time.Second {
			t.Errorf("%v, %v after %v", err, c.State(), time.Since(start))
		}
		if p.count() != 2 || !p.conn(1).isGone() || p.conn(1).closeCode.Load() != 1000 {
			t.Errorf("%d connections, the first was closed with %d", p.count(), p.conn(1).closeCode.Load())
		}
		if next(t, sub).Type != client.EventGap {
			t.Error("no gap")
		}
		p.conn(2).numbered(1, 1)
		if next(t, sub).Type == client.EventGap {
			t.Error("two gaps")
		}
		for i, tr := range steps(seq, 4) {
			if i < 3 && !errors.Is(tr.Cause, client.ErrReconnect) {
				t.Errorf("%v: %v", tr.To, tr.Cause)
			}
		}
	})
}

func TestReconnectLetsCallsInFlightFinish(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case fr.Method == client.MethodJobEnqueue && field(fr, "name") == "slow":
				p.serve.Go(func() { time.Sleep(3 * time.Second); c.polite(fr) })
			case c.n == 1 && (fr.Method == client.MethodJobGet || field(fr, "name") == "never"):
			default:
				c.polite(fr)
			}
		}
		c := p.dial(format, every(0))
		errs := map[string]chan error{"slow": make(chan error, 1), "never": make(chan error, 1), "get": make(chan error, 1)}
		for name, err := range errs {
			go func() {
				if name == "get" {
					_, e := c.GetJob(t.Context(), "j")
					err <- e
					return
				}
				_, e := c.Enqueue(t.Context(), name, nil)
				err <- e
			}()
		}
		synctest.Wait()
		start := time.Now()
		if err := c.Reconnect(t.Context()); err != nil || time.Since(start) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := <-errs["slow"]; err != nil {
			t.Errorf("answered in time: %v", err)
		}
		var unknown *client.OutcomeUnknownError
		if err := <-errs["never"]; !errors.As(err, &unknown) || !errors.Is(err, client.ErrReconnect) {
			t.Errorf("not answered, unsafe: %v", err)
		}
		if err := <-errs["get"]; err != nil {
			t.Errorf("not answered, safe: %v", err)
		}
	})
}

func TestReconnectsAtTheSameTimeShareOneSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if err := c.Reconnect(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		time.Sleep(time.Minute)
		if p.count() != 2 {
			t.Errorf("%d connections", p.count())
		}
	})
}

func TestReconnectsOneAfterAnotherBackOff(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var attempts []int
		c := p.dial(format, client.WithBackoff(func(attempt int) (time.Duration, bool) {
			attempts = append(attempts, attempt)
			return time.Second, true
		}))
		sub := subscribe(t, c, "jobs")
		for range 4 { // in the loop of a consumer
			if err := c.Reconnect(t.Context()); err != nil {
				t.Fatal(err)
			}
			if next(t, sub).Type != client.EventGap {
				t.Error("no gap")
			}
		}
		if diff := cmp.Diff([]int{1, 2, 3, 4}, attempts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLanesOfBeforeAReconnectAreNotUsedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		for range 2 {
			if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
				t.Fatal(err)
			}
			if err := c.Reconnect(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if synctest.Wait(); p.count() != 5 || !p.conn(2).isGone() {
			t.Errorf("%d connections, want three sessions and two lanes; the first lane is closed: %v", p.count(), p.conn(2).isGone())
		}
	})
}

func TestReconnectGoesToTheNextEndpoint(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		cl := newCluster(t, "a", "b")
		c := cl.connect(format)
		for range 3 {
			if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
				t.Fatal(err)
			}
			if err := c.Reconnect(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if got := cl.order(); got != "aabbaab" {
			t.Errorf("dialled %s", got)
		}
	})
}

func TestReconnectWithoutASession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		d := &dialFails{p: p, err: errTest}
		c := p.newClient(format, client.WithDialContext(d.dial), every(time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		if err := c.Reconnect(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errTest) {
			t.Error(err)
		}
		d.set(1, errTest)
		if err := c.Reconnect(t.Context()); err != nil || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		if err := c.Reconnect(ctx); !errors.Is(err, context.DeadlineExceeded) || c.State() != client.StateReady {
			t.Errorf("%v, %v", err, c.State())
		}
	})
}

func TestReconnectEndsWithTheClient(t *testing.T) {
	for name, test := range map[string]struct {
		end func(*client.Client) error
		is  error
	}{
		"Close": {(*client.Client).Close, client.ErrClosed},
		"Drain": {func(c *client.Client) error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			return c.Drain(ctx)
		}, client.ErrClosed},
	} {
		for stage, answers := range map[string]bool{"settling": false, "backing off": true} {
			t.Run(name+" "+stage, func(t *testing.T) {
				bubble(t, func(t *testing.T, format client.Option) {
					p := newPeer(t)
					if !answers {
						p.handle = silent
					}
					c := p.dial(format, every(time.Hour))
					if !answers {
						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						go func() { c.Enqueue(ctx, "n", nil) }()
						synctest.Wait()
					}
					got := make(chan error, 1)
					go func() { got <- c.Reconnect(t.Context()) }()
					synctest.Wait()
					_ = test.end(c)
					if err := <-got; !errors.Is(err, test.is) {
						t.Error(err)
					}
					if err := c.Reconnect(t.Context()); !errors.Is(err, client.ErrClosed) {
						t.Error(err)
					}
				})
			})
		}
	}
	t.Run("refused", func(t *testing.T) {
		bubble(t, func(t *testing.T, format client.Option) {
			p := newPeer(t)
			p.auth = func(c *peerConn, fr *wire.Frame) {
				if c.n > 1 {
					c.refuse(fr, 401, "no")
					return
				}
				c.welcome(fr)
			}
			c := p.dial(format)
			if err := c.Reconnect(t.Context()); !errors.Is(err, client.ErrUnauthorized) || !errors.Is(err, client.ErrClosed) {
				t.Error(err)
			}
		})
	})
	t.Run("draining", func(t *testing.T) {
		bubble(t, func(t *testing.T, format client.Option) {
			p := newPeer(t)
			p.handle = silent
			c := p.dial(format)
			go func() { c.Enqueue(context.Background(), "n", nil) }()
			synctest.Wait()
			go func() { c.Drain(context.Background()) }()
			synctest.Wait()
			if err := c.Reconnect(t.Context()); !errors.Is(err, client.ErrDraining) || p.count() != 1 {
				t.Error(err)
			}
		})
	})
	t.Run("without reconnection", func(t *testing.T) {
		bubble(t, func(t *testing.T, format client.Option) {
			p := newPeer(t)
			c := p.dial(format, client.WithReconnect(false))
			if err := c.Reconnect(t.Context()); err == nil || c.State() != client.StateReady {
				t.Errorf("%v, %v", err, c.State())
			}
		})
	})
}
