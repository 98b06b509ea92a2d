package client_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// held is a peer whose enqueue on the first connection is answered when release is closed, and a
// client that is about to renew its session while that call is in flight.
func held(t *testing.T, format client.Option, opts ...client.Option) (p *peer, c *client.Client, release chan struct{}, answered chan error) {
	p, release, answered = newPeer(t), make(chan struct{}), make(chan error, 1)
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Method == client.MethodJobEnqueue && c.n == 1 {
			select {
			case <-release:
			case <-c.gone:
			}
		}
		c.polite(fr)
	}
	c = p.renewing(lasting(time.Hour).token, append(opts, format, client.WithKeepAlive(time.Hour, 2*time.Hour))...)
	go func() { answered <- enqueue(context.Background(), c) }()
	for c.State() == client.StateReady {
		time.Sleep(time.Second)
	}
	return p, c, release, answered
}

func TestDrainDuringARenewalFinishesWhatWaitsForIt(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, c, release, answered := held(t, format)
		waiting := make(chan error, 1)
		go func() { waiting <- enqueue(t.Context(), c) }()
		synctest.Wait()
		drained := make(chan error, 1)
		go func() { drained <- c.Drain(t.Context()) }()
		synctest.Wait()
		if err := enqueue(t.Context(), c); !errors.Is(err, client.ErrDraining) {
			t.Error(err)
		}
		close(release)
		for _, result := range []chan error{answered, waiting, drained} {
			if err := <-result; err != nil {
				t.Error(err)
			}
		}
		if p.count() != 2 || p.enqueued["n"] != 2 {
			t.Errorf("%d connections, enqueued %v", p.count(), p.enqueued)
		}
	})
}

func TestSessionIsNotRenewedDuringADrain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.renewing(lasting(10*time.Minute).token, format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).event(client.EventJobEnqueued, "job:1", map[string]string{"job_id": "1"})
		synctest.Wait()
		drained := make(chan error, 1)
		go func() { drained <- c.Drain(t.Context()) }()
		time.Sleep(time.Hour)
		if p.count() != 1 || c.State() != client.StateDraining {
			t.Errorf("%d connections, %v", p.count(), c.State())
		}
		next(t, sub)
		if err := <-drained; err != nil {
			t.Error(err)
		}
	})
}

func TestCloseEndsARenewalAtAnyPoint(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for name, stuck := range map[string]func(p *peer) client.Option{
			"the answers": nil,
			"the dial":    func(p *peer) client.Option { return client.WithDialContext(p.hangFromSecond) },
			"the authentication": func(p *peer) client.Option {
				p.admit = func(c *peerConn) bool { return c.n == 1 || c.isStuck() }
				return format
			},
		} {
			p := newPeer(t)
			opts := []client.Option{format, client.WithKeepAlive(time.Hour, 2*time.Hour)}
			if stuck != nil {
				opts = append(opts, stuck(p))
			} else {
				p.handle = silent
			}
			c := p.renewing(lasting(time.Hour).token, opts...)
			var errs [2]error
			var calls sync.WaitGroup
			if stuck == nil {
				calls.Go(func() { errs[0] = enqueue(t.Context(), c) })
			}
			for c.State() == client.StateReady {
				time.Sleep(time.Second)
			}
			calls.Go(func() { errs[1] = enqueue(t.Context(), c) })
			synctest.Wait()
			start := time.Now()
			c.Close()
			calls.Wait()
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s: Close took %v", name, took)
			}
			if stuck == nil && !errors.As(errs[0], new(*client.OutcomeUnknownError)) || !errors.Is(errs[1], client.ErrClosed) || !client.SafeToRetry(errs[1]) {
				t.Errorf("%s: %v", name, errs)
			}
			p.stop()
		}
	})
}

func TestRenewalEndsNoLaneWithACallAndKeepsNoIdleOne(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.lanes = true
		release := make(chan struct{})
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodWorkflowStart && field(fr, "name") == "long" {
				<-release
			}
			c.polite(fr)
		}
		c := p.renewing(lasting(time.Hour).token, format) // connection 1
		long := make(chan error, 1)
		go func() {
			_, err := c.StartWorkflow(t.Context(), "long", nil) // connection 2
			long <- err
		}()
		synctest.Wait()
		for !p.conn(1).isGone() { // connection 3 is never idle for 30 s
			if _, err := c.StartWorkflow(t.Context(), "short", nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
		}
		synctest.Wait()
		if !p.conn(1).isGone() || !p.conn(3).isGone() || p.conn(2).isGone() {
			t.Fatalf("gone: the session %v, the idle lane %v, the lane with a call %v", p.conn(1).isGone(), p.conn(3).isGone(), p.conn(2).isGone())
		}
		close(release)
		if err := <-long; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if !p.conn(2).isGone() {
			t.Error("a lane of the time before the renewal is kept after its call")
		}
	})
}

// The calls that fail fast wait for a renewal, but not beyond an attempt that has failed.
func TestRenewalThatCannotConnectIsALossLikeAnother(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, failFast := range []bool{false, true} {
			p := newPeer(t)
			d := &dialFails{p: p, good: 1, err: errTest}
			c := p.renewing(lasting(time.Hour).token, format, client.WithDialContext(d.dial), client.WithFailFast(failFast), every(time.Minute))
			for c.State() == client.StateReady {
				time.Sleep(time.Second)
			}
			synctest.Wait()
			if state := c.State(); state != client.StateBackingOff {
				t.Errorf("fail fast %v: %v", failFast, state)
			}
			if failFast {
				if err := enqueue(t.Context(), c); !errors.Is(err, client.ErrNotConnected) {
					t.Error(err)
				}
			}
			d.set(1, errTest)
			if err := c.Ready(t.Context()); err != nil || p.count() != 2 {
				t.Errorf("fail fast %v: %v, %d connections", failFast, err, p.count())
			}
			c.Close()
		}
	})
}

func TestRefusedRenewalAsksForAnotherToken(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, k := newPeer(t), lasting(time.Hour)
		refuseTokens(p, func(token string) bool { return token == "t2" })
		c := p.renewing(k.token, format, every(time.Second))
		time.Sleep(57 * time.Minute)
		if err := c.Ready(t.Context()); err != nil || p.count() != 3 {
			t.Fatalf("%v, %d connections", err, p.count())
		}
		p = newPeer(t)
		refuseTokens(p, func(token string) bool { return token != "t1" })
		c = p.renewing(lasting(time.Hour).token, format, every(time.Second))
		<-c.Done()
		if !errors.Is(c.Err(), client.ErrUnauthorized) || p.count() != 3 {
			t.Errorf("%v, %d connections", c.Err(), p.count())
		}
	})
}

// Renewals in the middle of everything: no call is lost, none is done twice.
func TestRenewalsUnderLoadLoseNoCall(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var done atomic.Int64
		p.handle = func(c *peerConn, fr *wire.Frame) {
			time.Sleep(rand.N(20 * time.Millisecond))
			c.polite(fr)
		}
		c := p.renewing(lasting(35*time.Second).token, format)
		var callers sync.WaitGroup
		for range 16 {
			callers.Go(func() {
				for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); {
					if err := enqueue(t.Context(), c); err != nil {
						t.Error(err)
						return
					}
					done.Add(1)
					time.Sleep(rand.N(2 * time.Second))
				}
			})
		}
		callers.Wait()
		total := 0
		for _, n := range p.enqueued {
			total += n
		}
		if int64(total) != done.Load() || p.count() < 15 {
			t.Errorf("%d calls returned, %d were done, over %d connections", done.Load(), total, p.count())
		}
	})
}

// The channels of a session may not be restored yet when its own token is about to expire.
func TestRenewalWhileSubscriptionsAreNotRestored(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method != client.MethodSubscribe || c.n == 1 || c.n >= 4 {
				c.polite(fr)
			}
		}
		c := p.renewing(lasting(35*time.Second).token, format)
		sub := subscribe(t, c, "jobs")
		for p.count() < 5 {
			if err := enqueue(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if gap, ok := next(t, sub).Payload().(*client.Gap); !ok || gap.Cause != client.GapReconnect {
			t.Errorf("%+v", gap)
		}
		if err := sub.Err(); err != nil {
			t.Error(err)
		}
	})
}

func TestTokenRetriesSaysHowOftenARefusedTokenIsReplaced(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, retries := range []int{0, 1, 5} {
			// of DialContext: refused as often as allowed, and once more
			for _, refusals := range []int{retries, retries + 1} {
				p, k := newPeer(t), new(tokens)
				refuseTokens(p, func(string) bool { return p.count() <= refusals })
				_, err := p.tryDial(t.Context(), format, client.WithToken(""), client.WithTokenSource(k.next), client.WithTokenRetries(retries))
				if (err == nil) != (refusals == retries) || err != nil && !errors.Is(err, client.ErrUnauthorized) || k.count() != retries+1 {
					t.Errorf("dial, %d retries, %d refusals: %v, asked %d times", retries, refusals, err, k.count())
				}
			}
			// of a lane
			p, k := newPeer(t), new(tokens)
			refuseTokens(p, func(string) bool { return p.count() > 1 })
			c := p.dial(format, client.WithToken(""), client.WithTokenSource(k.next), client.WithTokenRetries(retries))
			if err := startWorkflow(t.Context(), c); !errors.Is(err, client.ErrUnauthorized) || k.count() != 2+retries {
				t.Errorf("lane, %d retries: %v, asked %d times", retries, err, k.count())
			}
			// of a reconnect, with the delays of WithBackoff
			p, k = newPeer(t), new(tokens)
			refuseTokens(p, func(string) bool { return p.count() > 1 })
			c = p.dial(format, client.WithToken(""), client.WithTokenSource(k.next), client.WithTokenRetries(retries), every(time.Minute))
			start := time.Now()
			p.conn(1).Cut()
			<-c.Done()
			if took := time.Since(start); k.count() != 2+retries || took < time.Duration(retries+1)*time.Minute {
				t.Errorf("reconnect, %d retries: asked %d times, closed after %v", retries, k.count(), took)
			}
		}
	})
}

// A ctx that ends while the next token is not due yet ends the dial, with the refusal.
func TestDialsCtxEndsTheRetriesOfTokens(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, k := newPeer(t), new(tokens)
		refuseTokens(p, func(string) bool { return true })
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := p.tryDial(ctx, format, client.WithToken(""), client.WithTokenSource(k.next), client.WithTokenRetries(1<<31-1))
		if !errors.Is(err, client.ErrUnauthorized) || time.Since(start) != time.Hour || k.count() > 1000 {
			t.Errorf("%v after %v, asked %d times", err, time.Since(start), k.count())
		}
	})
}

func TestExpiredTokenThatIsRefusedIsHintedAt(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.auth = func(c *peerConn, fr *wire.Frame) {
			c.refuse(fr, 401, "no")
			io.Copy(io.Discard, c)
		}
		_, err := p.tryDial(t.Context(), format, client.WithToken(""), client.WithExpiringTokenSource(lasting(-time.Hour).token))
		if err == nil || !strings.Contains(err.Error(), "(hint: the token expired 1h0m0s ago") {
			t.Error(err)
		}
	})
}
