package client_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// breaches are what ends a session because of what a peer said, not because of the network: it may
// happen again with the same request.
var breaches = map[string]func(c *peerConn, fr *wire.Frame){
	"undecodable": func(c *peerConn, _ *wire.Frame) { c.raw(text("hello")) },
	"too deep":    func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewTextFrame(nested(c.format, 513))) },
	"too large, beyond reading past": func(c *peerConn, _ *wire.Frame) {
		c.onlyHeader(ws.Header{Fin: true, OpCode: ws.OpText, Length: 1 << 40})
	},
	"close code 1009": func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1009, ""))) },
	"close code 1007": func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1007, ""))) },
}

func isBreach(err error) bool {
	var broken *client.ProtocolError
	var limit *client.LimitError
	var closed *client.CloseError
	return errors.As(err, &broken) || errors.As(err, &limit) || errors.As(err, &closed)
}

func TestOnlyCallOfASessionEndedByABreachIsNotRepeated(t *testing.T) {
	for name, commit := range breaches {
		t.Run(name, func(t *testing.T) {
			eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Type == wire.TypeRequest {
						commit(c, fr)
						return
					}
					c.polite(fr)
				}
				err := inv.call(t.Context(), p.dial(format))
				var unknown *client.OutcomeUnknownError
				if !isBreach(err) || errors.As(err, &unknown) == inv.repeatable || client.SafeToRetry(err) != inv.repeatable {
					t.Errorf("SafeToRetry %v: %v", client.SafeToRetry(err), err)
				}
				if n := len(p.seen()); n != 1 {
					t.Errorf("written %d times", n)
				}
			})
		})
	}
}

func TestCallsOfASessionEndedByABreachAreRepeatedOnceAtMost(t *testing.T) {
	for name, commit := range breaches {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				var mu sync.Mutex
				written := map[string]int{}
				inFlight := map[int]int{} // by connection
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Type != wire.TypeRequest {
						c.polite(fr)
						return
					}
					mu.Lock()
					written[field(fr, "job_id")]++
					inFlight[c.n]++
					both := inFlight[c.n] == 2
					mu.Unlock()
					if both {
						commit(c, fr)
					}
				}
				c := p.dial(format, every(0))
				get := func(id string) <-chan error {
					return errs(func() error { _, err := c.GetJob(t.Context(), id); return err })
				}
				one, another := get("one"), get("another")
				for _, err := range []error{<-one, <-another} {
					if !isBreach(err) || !client.SafeToRetry(err) {
						t.Errorf("SafeToRetry %v: %v", client.SafeToRetry(err), err)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				if diff := cmp.Diff(map[string]int{"one": 2, "another": 2}, written); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestCallsOfASessionEndedByAPassingBreachSucceedOnTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case c.n > 1:
				c.polite(fr)
			case fr.Method == client.MethodJobGet:
				breaches["undecodable"](c, fr)
			}
		}
		c := p.dial(format)
		stats := errs(func() error { _, err := c.Stats(t.Context()); return err })
		synctest.Wait()
		if _, err := c.GetJob(t.Context(), "1"); err != nil {
			t.Error(err)
		}
		if err := <-stats; err != nil {
			t.Error(err)
		}
	})
}

func TestCallBesideAnAbandonedOneIsRepeatedAfterABreach(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case c.n > 1:
				c.polite(fr)
			case fr.Method == client.MethodJobGet:
				breaches["undecodable"](c, fr) // perhaps the answer to the other one
			}
		}
		c := p.dial(format)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Stats(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if _, err := c.GetJob(t.Context(), "1"); err != nil {
			t.Error(err)
		}
	})
}

func TestPingInFlightDoesNotCountAsTheCauseOfABreach(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case c.n > 1:
				c.polite(fr)
			case fr.Type == wire.TypePing:
				breaches["undecodable"](c, fr)
			}
		}
		if _, err := p.dial(format).GetJob(t.Context(), "1"); !isBreach(err) || len(p.seen()) != 1 {
			t.Errorf("%v, %v", err, p.seen())
		}
	})
}
