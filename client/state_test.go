package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// every backs off for the same time.
func every(d time.Duration) client.Option {
	return client.WithBackoff(func(int) (time.Duration, bool) { return d, true })
}

// steps pulls n transitions.
func steps(seq iter.Seq[client.Transition], n int) (out []client.Transition) {
	for tr := range seq {
		if out = append(out, tr); len(out) == n {
			break
		}
	}
	return out
}

func TestStatesAndTransitions(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.admit = func(c *peerConn) bool { return c.n != 2 }
		c := p.dial(format, every(time.Second))
		seq := c.Transitions(t.Context())
		if c.State() != client.StateReady || c.Ready(t.Context()) != nil || c.Err() != nil {
			t.Fatalf("%v, %v", c.State(), c.Err())
		}
		p.conn(1).Cut()
		synctest.Wait()
		if c.State() != client.StateBackingOff {
			t.Errorf("after a loss: %v", c.State())
		}
		if err := c.Ready(t.Context()); err != nil || c.State() != client.StateReady {
			t.Errorf("Ready: %v, %v", err, c.State())
		}
		select {
		case <-c.Done():
			t.Error("Done before Close")
		default:
		}
		c.Close()
		<-c.Done()
		if c.State() != client.StateClosed || !errors.Is(c.Err(), client.ErrClosed) || !errors.Is(c.Ready(t.Context()), client.ErrClosed) {
			t.Errorf("after Close: %v, %v", c.State(), c.Err())
		}
		var got []string
		for tr := range seq {
			got = append(got, fmt.Sprintf("%v > %v, attempt %d, in %v, cause %v", tr.From, tr.To, tr.Attempt, tr.Delay, tr.Cause != nil))
		}
		want := []string{
			"ready > backing off, attempt 1, in 1s, cause true",
			"backing off > connecting, attempt 1, in 0s, cause true",
			"connecting > backing off, attempt 2, in 1s, cause true",
			"backing off > connecting, attempt 2, in 0s, cause true",
			"connecting > ready, attempt 0, in 0s, cause false",
			"ready > closed, attempt 0, in 0s, cause true",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTransitionsAreBoundedAndCountWhatTheyLeaveOut(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, every(time.Second))
		slow, gone := c.Transitions(t.Context()), make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer close(gone)
			for range c.Transitions(ctx) {
				cancel()
			}
		}()
		for range 50 { // of three transitions each
			p.conn(p.count()).Cut()
			time.Sleep(2 * time.Second)
		}
		<-gone
		c.Close()
		seen, missed := 0, 0
		for tr := range slow {
			seen++
			missed += tr.Missed
		}
		if seen != 64 || seen+missed != 151 {
			t.Errorf("%d transitions and %d left out, want 64 and 87", seen, missed)
		}
	})
}

func TestBackoffIsFullJitterAlsoBeforeTheFirstRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		p.admit = func(c *peerConn) bool { return c.n == 1 }
		c := p.dial()
		seq := c.Transitions(t.Context())
		p.conn(1).Cut()
		ceiling, sum, most := 250*time.Millisecond, time.Duration(0), time.Duration(0)
		for _, tr := range steps(seq, 400) {
			if tr.To != client.StateBackingOff {
				continue
			}
			if tr.Delay < 0 || tr.Delay > ceiling {
				t.Fatalf("attempt %d waits for %v, more than %v", tr.Attempt, tr.Delay, ceiling)
			}
			ceiling = min(2*ceiling, 30*time.Second)
			sum, most = sum+tr.Delay, max(most, tr.Delay)
		}
		if mean := sum / 200; mean < 10*time.Second || mean > 19*time.Second || most < 25*time.Second {
			t.Errorf("delays of %v on average, %v at most: not a full jitter up to 30 s", mean, most)
		}
	})
}

func TestBackoffCountStartsAnewAfterHealth(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var attempts []int
		c := p.dial(format, client.WithBackoff(func(attempt int) (time.Duration, bool) {
			attempts = append(attempts, attempt)
			return time.Second, true
		}))
		for _, health := range []time.Duration{9 * time.Second, 8 * time.Second, 10 * time.Second, time.Second} {
			time.Sleep(health)
			p.conn(p.count()).Cut()
			synctest.Wait()
			if err := c.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]int{1, 2, 1, 2}, attempts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestBackoffMaySayStop(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.admit = func(c *peerConn) bool { return c.n == 1 }
		c := p.dial(format, client.WithBackoff(func(attempt int) (time.Duration, bool) { return time.Second, attempt <= 3 }))
		sub := subscribe(t, c, "jobs")
		p.conn(1).Cut()
		<-c.Done()
		if p.count() != 4 || c.Err() == nil || c.Err() == client.ErrClosed {
			t.Errorf("%d connections, %v", p.count(), c.Err())
		}
		_, err := c.Stats(t.Context())
		wantUnwritten(t, err, client.ErrClosed)
		if next(t, sub).Type != client.EventGap || !errors.Is(sub.Err(), client.ErrClosed) {
			t.Errorf("the subscription: %v", sub.Err())
		}
	})
}

func TestCloseInterruptsEveryWait(t *testing.T) {
	for name, prepare := range map[string]func(p *peer) []client.Option{
		"backing off": func(*peer) []client.Option { return []client.Option{every(time.Hour)} },
		"dialling": func(p *peer) []client.Option {
			return []client.Option{every(0), client.WithDialContext(p.hangFromSecond)}
		},
		"upgrading": func(p *peer) []client.Option {
			p.admit = func(c *peerConn) bool {
				if c.n > 1 {
					io.Copy(io.Discard, c)
				}
				return c.n == 1
			}
			return []client.Option{every(0)}
		},
		"authenticating": func(p *peer) []client.Option {
			p.auth = func(c *peerConn, fr *wire.Frame) {
				if c.n == 1 {
					c.welcome(fr)
				}
			}
			return []client.Option{every(0)}
		},
		"restoring": func(p *peer) []client.Option {
			p.handle = func(c *peerConn, fr *wire.Frame) {
				if c.n == 1 {
					c.polite(fr)
				}
			}
			return []client.Option{every(0)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPeer(t)
				c := p.dial(prepare(p)...)
				subscribe(t, c, "jobs")
				call := make(chan error, 1)
				p.conn(1).Cut()
				synctest.Wait()
				go func() {
					_, err := c.Enqueue(t.Context(), "n", nil)
					call <- err
				}()
				synctest.Wait()
				if c.State() != client.StateBackingOff && c.State() != client.StateConnecting {
					t.Errorf("%v", c.State())
				}
				start := time.Now()
				if err := c.Close(); err != nil || time.Since(start) > time.Second {
					t.Errorf("Close took %v: %v", time.Since(start), err)
				}
				wantUnwritten(t, <-call, client.ErrClosed)
			})
		})
	}
}

func TestTokenSourceThatIgnoresItsCtxBlocksNothing(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		asked, release := 0, make(chan struct{})
		c := p.dial(format, every(0), client.WithToken(""), client.WithTokenSource(func(context.Context) (string, error) {
			if asked++; asked > 1 {
				<-release
			}
			return "t", nil
		}))
		p.conn(1).Cut()
		synctest.Wait()
		start := time.Now()
		c.Close()
		if time.Since(start) > time.Second || asked != 2 {
			t.Errorf("Close took %v, the source was asked %d times", time.Since(start), asked)
		}
		close(release)
	})
}

func TestWithoutReconnectTheFirstLossCloses(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithReconnect(false))
		sub := subscribe(t, c, "jobs")
		p.conn(1).raw(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusGoingAway, "bye")))
		<-c.Done()
		var cause *client.CloseError
		if !errors.As(c.Err(), &cause) || cause.Code != 1001 || cause.Reason != "bye" || p.count() != 1 {
			t.Errorf("%v, %d connections", c.Err(), p.count())
		}
		if next(t, sub).Type != client.EventGap {
			t.Error("no gap")
		}
		if _, err := sub.Next(t.Context()); !errors.As(err, &cause) {
			t.Errorf("the subscription: %v", err)
		}
	})
}

func TestCloseCodes(t *testing.T) {
	for code, want := range map[ws.StatusCode]int{ // how many connections are made, 0 for no end
		1000: 0, 1001: 0, 1002: 3, 1003: 3, 1007: 3, 1008: 2, 1009: 0, 1011: 0, 4000: 0,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				bye := func(c *peerConn) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(code, "no"))) }
				p.auth = func(c *peerConn, fr *wire.Frame) {
					if c.n == 1 {
						c.welcome(fr)
					} else {
						bye(c)
					}
				}
				c := p.dial(format, every(time.Second))
				bye(p.conn(1))
				select {
				case <-c.Done():
					var cause *client.CloseError
					if p.count() != want || !errors.As(c.Err(), &cause) || cause.Code != int(code) {
						t.Errorf("closed after %d connections, want %d: %v", p.count(), want, c.Err())
					}
					if errors.Is(c.Err(), client.ErrUnauthorized) != (code == 1008) {
						t.Errorf("unauthorized: %v", c.Err())
					}
				case <-time.After(time.Minute):
					if want != 0 || p.count() < 30 {
						t.Errorf("not closed after %d connections, want %d", p.count(), want)
					}
				}
			})
		})
	}
}

func TestReadySessionResetsTheCountOfProtocolCloses(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, every(time.Second))
		for range 10 {
			p.conn(p.count()).raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1002, "")))
			time.Sleep(2 * time.Second)
			if c.State() != client.StateReady {
				t.Fatal(c.State(), c.Err())
			}
		}
	})
}

func TestFirstDialIsReturnedNotRetried(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.admit = func(*peerConn) bool { return false }
		if _, err := p.tryDial(t.Context(), format); err == nil || p.count() != 1 {
			t.Errorf("%v after %d connections", err, p.count())
		}
		hanging := newPeer(t)
		hanging.auth = func(*peerConn, *wire.Frame) {}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := hanging.tryDial(ctx, format); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		start := time.Now()
		if _, err := hanging.tryDial(t.Context(), format, client.WithConnectTimeout(7*time.Second)); err == nil || time.Since(start) != 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestDialsCtxEndsWithTheDial(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		c, err := p.tryDial(ctx, format, every(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		time.Sleep(time.Hour)
		if _, err := c.Stats(t.Context()); err != nil || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
		p.conn(1).Cut()
		synctest.Wait()
		if _, err := c.Stats(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseIsIdempotentAndSafeFromAnywhere(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		if err := c.Close(); err != nil || !p.conn(1).isGone() {
			t.Errorf("%v; the connection is gone: %v", err, p.conn(1).isGone())
		}
		none := c.Transitions(t.Context())
		if got := slices.Collect(none); len(got) != 0 {
			t.Errorf("transitions after the end: %v", got)
		}
	})
}
