package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// violated closes a connection with 1008, which is "policy violation".
func (c *peerConn) violated() { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1008, "too slow"))) }

func TestPolicyCloseOfAReadySessionIsRetried(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if c.n == 1 && fr.Method == client.MethodJobEnqueue {
				c.violated()
				return
			}
			c.polite(fr)
		}
		c := p.dial(format, every(time.Second))
		sub := subscribe(t, c, "jobs")
		seq := c.Transitions(t.Context())
		_, err := c.Enqueue(t.Context(), "n", nil)
		var unknown *client.OutcomeUnknownError
		var closed *client.CloseError
		if !errors.As(err, &unknown) || !errors.As(err, &closed) || closed.Code != 1008 || errors.Is(err, client.ErrUnauthorized) {
			t.Errorf("the call in flight: %v", err)
		}
		if _, err := c.Stats(t.Context()); err != nil || p.count() != 2 {
			t.Errorf("the next call: %v on connection %d", err, p.count())
		}
		if ev := next(t, sub); ev.Type != client.EventGap {
			t.Errorf("the subscription: %v", ev.Type)
		}
		if lost := steps(seq, 1)[0]; !errors.As(lost.Cause, &closed) || errors.Is(lost.Cause, client.ErrUnauthorized) {
			t.Errorf("the transition's cause: %v", lost.Cause)
		}
	})
}

func TestPolicyCloseBeforeTheSessionIsReadyIsARefusal(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for name, refuse := range map[string]func(p *peer){
			"authenticating": func(p *peer) {
				p.auth = func(c *peerConn, fr *wire.Frame) {
					if c.n > 1 {
						c.violated()
						return
					}
					c.welcome(fr)
				}
			},
			"restoring": func(p *peer) {
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if c.n > 1 {
						c.violated()
						return
					}
					c.polite(fr)
				}
			},
		} {
			p := newPeer(t)
			refuse(p)
			c := p.dial(format, every(time.Second))
			subscribe(t, c, "jobs")
			p.conn(1).Cut()
			select {
			case <-c.Done():
				if !errors.Is(c.Err(), client.ErrUnauthorized) || p.count() != 2 {
					t.Errorf("%s: %v after %d connections", name, c.Err(), p.count())
				}
			case <-time.After(time.Minute):
				t.Errorf("%s: not closed after %d connections", name, p.count())
			}
		}
	})
}

func TestPolicyCloseOfALaneFailsOnlyItsCall(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		_, underWay := startHeld(p)
		c := p.dial(format)
		done := make(chan error, 1)
		go func() {
			_, err := c.StartWorkflow(t.Context(), "w", nil)
			done <- err
		}()
		synctest.Wait()
		if underWay.Load() != 1 {
			t.Fatal("no workflow under way")
		}
		p.conn(2).violated()
		var unknown *client.OutcomeUnknownError
		if err := <-done; !errors.As(err, &unknown) || errors.Is(err, client.ErrUnauthorized) {
			t.Errorf("the lane's call: %v", err)
		}
		if _, err := c.Stats(t.Context()); err != nil || p.count() != 2 {
			t.Errorf("another call: %v on %d connections", err, p.count())
		}
	})
}

func TestPolicyCloseWithoutReconnectIsNoRefusal(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithReconnect(false))
		p.conn(1).violated()
		<-c.Done()
		var closed *client.CloseError
		if !errors.As(c.Err(), &closed) || errors.Is(c.Err(), client.ErrUnauthorized) {
			t.Errorf("closed with %v", c.Err())
		}
		p = newPeer(t)
		p.auth = func(c *peerConn, _ *wire.Frame) { c.violated() }
		if _, err := p.tryDial(context.Background(), format); !errors.Is(err, client.ErrUnauthorized) {
			t.Errorf("refused while authenticating: %v", err)
		}
	})
}
