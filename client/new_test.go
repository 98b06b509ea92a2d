package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// newClient makes a client of the peer without dialling, and closes it with the test.
func (p *peer) newClient(opts ...client.Option) *client.Client {
	p.t.Helper()
	c, err := client.New("ws://peer.test/dwp", append([]client.Option{
		client.WithToken("secret-token"), client.WithDialContext(p.l.Dial),
	}, opts...)...)
	if err != nil {
		p.t.Fatalf("New: %v", err)
	}
	p.t.Cleanup(func() { c.Close() })
	return c
}

func TestNewReturnsBeforeTheServerStarts(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		d := &dialFails{p: p, err: errTest}
		start := time.Now()
		c := p.newClient(format, client.WithDialContext(d.dial), every(time.Second))
		seq := c.Transitions(t.Context())
		if c.State() != client.StateConnecting || c.Err() != nil {
			t.Errorf("%v, %v", c.State(), c.Err())
		}
		call, subscribed := make(chan error, 1), make(chan *client.Subscription, 1)
		go func() {
			_, err := c.Enqueue(t.Context(), "n", nil)
			call <- err
		}()
		go func() { subscribed <- subscribe(t, c, "jobs") }()
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if err := c.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errTest) {
			t.Errorf("Ready: %v", err)
		}
		d.set(1, errTest)
		if err := c.Ready(t.Context()); err != nil || time.Since(start) != 2*time.Second {
			t.Errorf("Ready after %v: %v", time.Since(start), err)
		}
		if err := <-call; err != nil {
			t.Error(err)
		}
		sub := <-subscribed
		p.conn(1).numbered(1, 1)
		if ev := next(t, sub); ev.Type == client.EventGap {
			t.Error("a gap before the first session")
		}
		var got []string
		for _, tr := range steps(seq, 5) {
			got = append(got, fmt.Sprintf("%v > %v, attempt %d, in %v", tr.From, tr.To, tr.Attempt, tr.Delay))
		}
		want := []string{
			"connecting > backing off, attempt 1, in 1s", "backing off > connecting, attempt 1, in 0s",
			"connecting > backing off, attempt 2, in 1s", "backing off > connecting, attempt 2, in 0s",
			"connecting > ready, attempt 0, in 0s",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNewConnectsAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		start := time.Now()
		c := p.newClient(format, every(time.Hour))
		if err := c.Ready(t.Context()); err != nil || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestNewRefusesWhatCannotConnect(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		url string
		opt client.Option
	}{
		"WithReconnect(false)": {"ws://peer.test/dwp", client.WithReconnect(false)},
		"WithLanes":            {"ws://peer.test/dwp", client.WithLanes(0)},
		"scheme":               {"http://peer.test/dwp", client.WithLanes(1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dial := func(context.Context, string, string) (net.Conn, error) {
				t.Error("dialled")
				return nil, errTest
			}
			c, err := client.New(test.url, test.opt, client.WithDialContext(dial))
			if err == nil || c != nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v, %v", c, err)
			}
		})
	}
}

func TestNewStopsForGoodWhenCredentialsAreRefused(t *testing.T) {
	for name, source := range map[string]bool{"token": false, "token source": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.auth = func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 401, "who are you?") }
				opts, want := []client.Option{format, every(time.Second)}, 1
				if source {
					opts, want = append(opts, client.WithToken(""), client.WithTokenSource(func(context.Context) (string, error) { return "t", nil })), 2
				}
				c := p.newClient(opts...)
				call := make(chan error, 1)
				go func() {
					_, err := c.Stats(t.Context())
					call <- err
				}()
				if err := c.Ready(t.Context()); !errors.Is(err, client.ErrUnauthorized) || !errors.Is(err, client.ErrClosed) {
					t.Errorf("Ready: %v", err)
				}
				if err := <-call; !errors.Is(err, client.ErrUnauthorized) {
					t.Errorf("a call: %v", err)
				}
				if <-c.Done(); p.count() != want || !errors.Is(c.Err(), client.ErrUnauthorized) {
					t.Errorf("%d connections, %v", p.count(), c.Err())
				}
			})
		})
	}
}

func TestCallsFailFastBeforeTheFirstSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		d := &dialFails{p: p, err: errTest}
		c := p.newClient(format, client.WithDialContext(d.dial), client.WithFailFast(true))
		_, err := c.Stats(t.Context())
		wantUnwritten(t, err, client.ErrNotConnected)
		d.set(1, errTest)
		if err := c.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseAndDrainBeforeTheFirstSession(t *testing.T) {
	for name, end := range map[string]func(*client.Client) error{
		"Close": (*client.Client).Close,
		"Drain": func(c *client.Client) error { return c.Drain(context.Background()) },
	} {
		for stage, admit := range map[string]func(*peerConn) bool{
			"at once":     nil,
			"upgrading":   func(c *peerConn) bool { io.Copy(io.Discard, c); return false },
			"backing off": func(*peerConn) bool { return false },
		} {
			t.Run(name+" "+stage, func(t *testing.T) {
				bubble(t, func(t *testing.T, format client.Option) {
					p := newPeer(t)
					p.admit = admit
					c := p.newClient(format, every(time.Hour))
					if admit != nil {
						synctest.Wait()
					}
					start := time.Now()
					if err := end(c); err != nil || time.Since(start) != 0 || c.State() != client.StateClosed {
						t.Errorf("%v after %v, %v", err, time.Since(start), c.State())
					}
					if err := c.Ready(t.Context()); !errors.Is(err, client.ErrClosed) {
						t.Errorf("Ready: %v", err)
					}
				})
			})
		}
	}
}
