package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// issuer is a token source that gives out t1, t2, … with the lifetimes that a function says.
type issuer struct {
	lifetime func(n int) time.Duration
	mu       sync.Mutex
	asked    []time.Time
}

func lasting(d time.Duration) *issuer {
	return &issuer{lifetime: func(int) time.Duration { return d }}
}

func (k *issuer) token(context.Context) (client.Token, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked = append(k.asked, time.Now())
	n := len(k.asked)
	return client.Token{Value: fmt.Sprintf("t%d", n), Expires: time.Now().Add(k.lifetime(n))}, nil
}

// times returns how long after the start the source was called.
func (k *issuer) times(start time.Time) (times []time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range k.asked {
		times = append(times, t.Sub(start))
	}
	return times
}

// renewing dials a peer with tokens that expire. The peer fails the test if a session overlaps with
// the one before, lanes aside.
func (p *peer) renewing(source func(context.Context) (client.Token, error), opts ...client.Option) *client.Client {
	p.t.Helper()
	auth := p.auth
	p.auth = func(c *peerConn, fr *wire.Frame) {
		if before := p.main; before != nil && !p.lanes {
			select {
			case <-before.gone:
			case <-time.After(time.Millisecond):
				p.t.Errorf("connection %d came while connection %d was there", c.n, before.n)
			}
		}
		p.main = c
		auth(c, fr)
	}
	return p.dial(append([]client.Option{client.WithToken(""), client.WithExpiringTokenSource(source)}, opts...)...)
}

func TestSessionIsRenewedBeforeItsTokenExpires(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, k, start := newPeer(t), lasting(time.Hour), time.Now()
		c := p.renewing(k.token, format)
		transitions := c.Transitions(t.Context())
		sub := subscribe(t, c, "jobs")
		time.Sleep(54*time.Minute - time.Second)
		p.conn(1).event(client.EventJobEnqueued, "job:1", map[string]string{"job_id": "1"})
		if next(t, sub).Type != client.EventJobEnqueued || p.count() != 1 {
			t.Fatalf("%d connections more than 6 minutes before the expiry", p.count())
		}
		time.Sleep(2*time.Minute + time.Second)
		synctest.Wait()
		if p.count() != 2 || p.conn(1).closeCode.Load() != 1000 {
			t.Fatalf("%d connections less than 4 minutes before the expiry, the first closed with %d", p.count(), p.conn(1).closeCode.Load())
		}
		gap, ok := next(t, sub).Payload().(*client.Gap)
		if !ok || gap.Cause != client.GapReconnect {
			t.Errorf("%+v is no gap of a reconnect", gap)
		}
		var states []client.State
		for tr := range transitions {
			if states = append(states, tr.To); len(states) == 2 {
				break
			}
			if !errors.Is(tr.Cause, client.ErrTokenExpiring) || tr.Attempt != 0 {
				t.Errorf("%+v", tr)
			}
		}
		if diff := cmp.Diff([]client.State{client.StateConnecting, client.StateReady}, states); diff != "" {
			t.Error(diff)
		}
		time.Sleep(10 * time.Hour)
		if asks := k.times(start); len(asks) != p.count() || len(asks) < 12 || len(asks) > 13 {
			t.Errorf("%d connections, asked after %v", p.count(), asks)
		}
	})
}

func TestTokenThatNeverExpiresIsNotRenewed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for name, opts := range map[string][]client.Option{
			"no expiry":    {client.WithExpiringTokenSource(func(context.Context) (client.Token, error) { return client.Token{Value: "t"}, nil })},
			"no reconnect": {client.WithExpiringTokenSource(lasting(time.Hour).token), client.WithReconnect(false)},
			"a string":     {client.WithTokenSource(new(tokens).next)},
		} {
			p := newPeer(t)
			c := p.dial(append(opts, format, client.WithToken(""))...)
			time.Sleep(48 * time.Hour)
			if p.count() != 1 || c.State() != client.StateReady {
				t.Errorf("%s: %d connections, %v", name, p.count(), c.State())
			}
		}
	})
}

// What is in flight is answered on the old session, and what is called meanwhile waits for the new
// one, also where calls fail fast.
func TestRenewalWaitsForAnswersAndNewCallsWaitForIt(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, failFast := range []bool{false, true} {
			p, k := newPeer(t), lasting(time.Hour)
			handled := make(chan int, 8) // the connection of each enqueue, when it is answered
			p.handle = func(c *peerConn, fr *wire.Frame) {
				if field(fr, "name") == "slow" {
					time.Sleep(8 * time.Minute) // longer than until the renewal
				}
				c.polite(fr)
				if fr.Method == client.MethodJobEnqueue {
					handled <- c.n
				}
			}
			c := p.renewing(k.token, format, client.WithFailFast(failFast), client.WithKeepAlive(time.Hour, 2*time.Hour))
			time.Sleep(48 * time.Minute)
			slow := make(chan error, 1)
			go func() {
				_, err := c.Enqueue(t.Context(), "slow", nil)
				slow <- err
			}()
			for c.State() == client.StateReady { // the hold begins
				time.Sleep(time.Second)
			}
			if p.conn(1).isGone() {
				t.Fatal("the session has ended with a call in flight")
			}
			_, err := c.Enqueue(t.Context(), "fast", nil)
			if err != nil || p.count() != 2 {
				t.Errorf("fail fast %v: %v, %d connections", failFast, err, p.count())
			}
			p.stop()
			if err := <-slow; err != nil && !errors.Is(err, client.ErrTokenExpiring) {
				t.Error(err)
			}
		}
	})
}

func TestCallInFlightIsAnsweredBeforeTheRenewal(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, k := newPeer(t), lasting(time.Hour)
		release := make(chan struct{})
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobEnqueue && c.n == 1 {
				<-release
			}
			c.polite(fr)
		}
		c := p.renewing(k.token, format, client.WithKeepAlive(time.Hour, 2*time.Hour))
		first, second := make(chan error, 1), make(chan error, 1)
		enqueue := func(result chan error) {
			_, err := c.Enqueue(t.Context(), "n", nil)
			result <- err
		}
		go enqueue(first)
		for c.State() == client.StateReady {
			time.Sleep(time.Second)
		}
		go enqueue(second)
		time.Sleep(5 * time.Second)
		if p.count() != 1 {
			t.Fatal("the session was replaced with a call in flight")
		}
		start := time.Now()
		close(release)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if err := <-second; err != nil || p.count() != 2 || time.Since(start) != 0 {
			t.Errorf("%v after %v, %d connections", err, time.Since(start), p.count())
		}
		if p.enqueued["n"] != 2 {
			t.Errorf("enqueued %d times", p.enqueued["n"])
		}
	})
}

func TestRenewalWaitsTenSecondsForAnAnswerThatDoesNotCome(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, k := newPeer(t), lasting(time.Hour)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if c.n > 1 || fr.Type == wire.TypePing {
				c.polite(fr)
			}
		}
		c := p.renewing(k.token, format)
		var unsafe, safe error
		var calls sync.WaitGroup
		calls.Go(func() { _, unsafe = c.Enqueue(t.Context(), "n", nil) })
		calls.Go(func() { _, safe = c.GetJob(t.Context(), "1") })
		for c.State() == client.StateReady {
			time.Sleep(time.Second)
		}
		start := time.Now()
		if err := c.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		if held := time.Since(start); held < 9*time.Second || held > 11*time.Second {
			t.Errorf("calls were held for %v", held)
		}
		calls.Wait()
		if !errors.As(unsafe, new(*client.OutcomeUnknownError)) || !errors.Is(unsafe, client.ErrTokenExpiring) || safe != nil {
			t.Errorf("unsafe: %v; safe: %v", unsafe, safe)
		}
	})
}

// Libraries keep a token until shortly before it expires.
func TestSourceThatKeepsItsTokenIsAskedAgainLater(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		k, start, kept := lasting(time.Hour), time.Now(), new(atomic.Pointer[client.Token])
		c := p.renewing(func(ctx context.Context) (client.Token, error) {
			token, err := k.token(ctx)
			if old := kept.Load(); old != nil && time.Until(old.Expires) >= 10*time.Second {
				return *old, nil
			}
			kept.Store(&token)
			return token, err
		}, format)
		time.Sleep(time.Hour + time.Minute)
		if p.count() != 2 || c.State() != client.StateReady {
			t.Errorf("%d connections, %v", p.count(), c.State())
		}
		asks := k.times(start)
		if len(asks) > 12 || asks[len(asks)-1] < time.Hour-10*time.Second || asks[len(asks)-1] > time.Hour+15*time.Second {
			t.Errorf("asked after %v", asks)
		}
		for i := 2; i < len(asks); i++ {
			if asks[i]-asks[i-1] < 8*time.Second {
				t.Errorf("asked after %v", asks)
			}
		}
	})
}

// A source that has no token costs nothing but asking it, the less the longer it lasts.
func TestSessionOutlivesItsTokenWhileThereIsNoOther(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for name, later := range map[string]func(context.Context) (client.Token, error){
			"fails": func(context.Context) (client.Token, error) { return client.Token{}, errTest },
			"hangs": func(ctx context.Context) (client.Token, error) { <-ctx.Done(); return client.Token{}, ctx.Err() },
			"is never later": func(context.Context) (client.Token, error) {
				return client.Token{Value: "old", Expires: time.Unix(0, 0)}, nil
			},
			"comes too late": func(ctx context.Context) (client.Token, error) {
				time.Sleep(time.Minute)
				return client.Token{}, errTest
			},
		} {
			p, asked := newPeer(t), new(atomic.Int64)
			first := client.Token{Value: "t1", Expires: time.Now().Add(10 * time.Minute)}
			c := p.renewing(func(ctx context.Context) (client.Token, error) {
				if asked.Add(1) == 1 {
					return first, nil
				}
				return later(ctx)
			}, format)
			time.Sleep(9*time.Minute + 59*time.Second)
			early := asked.Load()
			time.Sleep(2 * time.Hour)
			if _, err := c.Stats(t.Context()); err != nil || c.State() != client.StateReady {
				t.Errorf("%s: %v, %v", name, err, c.State())
			}
			if p.count() != 1 {
				t.Errorf("%s: %d connections", name, p.count())
			}
			if early > 8 || asked.Load() > 70 {
				t.Errorf("%s: asked %d times before the expiry, %d in all", name, early, asked.Load())
			}
			c.Close()
			time.Sleep(time.Minute) // the source that ignores its ctx returns
		}
	})
}

func TestShortTokensAreNoHotLoop(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for name, lifetime := range map[string]func(n int) time.Duration{
			"expired":        func(int) time.Duration { return -time.Hour },
			"expires now":    func(int) time.Duration { return 0 },
			"a second":       func(int) time.Duration { return time.Second },
			"20 s":           func(int) time.Duration { return 20 * time.Second },
			"ever less":      func(n int) time.Duration { return 20 * time.Minute >> n },
			"ever later":     func(n int) time.Duration { return time.Duration(n) - time.Hour },
			"back and forth": func(n int) time.Duration { return time.Duration(n%2-1) * time.Hour },
		} {
			p, k, start := newPeer(t), &issuer{lifetime: lifetime}, time.Now()
			c := p.renewing(k.token, format)
			sub := subscribe(t, c, "jobs")
			time.Sleep(time.Hour + time.Second)
			if n := len(k.times(start)); n > 450 || p.count() > 121 {
				t.Errorf("%s: asked %d times, %d connections in an hour", name, n, p.count())
			}
			if _, err := c.Stats(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			sub.Discard()
			c.Close()
		}
	})
}

func TestTokenOfALongLifeIsRenewedInItsLastMinutes(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for lifetime, last := range map[time.Duration][2]time.Duration{ // before the expiry
			time.Minute:      {9600 * time.Millisecond, 14400 * time.Millisecond},
			10 * time.Minute: {96 * time.Second, 144 * time.Second},
			24 * time.Hour:   {4 * time.Minute, 6 * time.Minute},
		} {
			p, k, start := newPeer(t), lasting(lifetime), time.Now()
			c := p.renewing(k.token, format)
			for len(k.times(start)) < 2 {
				time.Sleep(lifetime / 1000)
			}
			if left := lifetime - slices.Max(k.times(start)); left < last[0] || left > last[1] {
				t.Errorf("lifetime %v: renewed %v before its end", lifetime, left)
			}
			c.Close()
		}
	})
}
