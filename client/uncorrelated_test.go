package client_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// An error frame without a correlation may be meant for a call whose caller has gone: a caller that
// still waits must not get that refusal.
func TestErrorWithoutCorrelationAfterACallWasGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case c.n > 1, fr.Type != wire.TypeRequest:
				c.polite(fr)
			case fr.Method == client.MethodJobEnqueue:
				c.refuse(&wire.Frame{}, 400, "cannot decode") // the frame before
				c.polite(fr)
			}
		}
		c := p.dial(format)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.PublishEvent(ctx, "given-up", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		_, err := c.Enqueue(t.Context(), "waiting", nil)
		var unknown *client.OutcomeUnknownError
		if !errors.As(err, &unknown) || client.SafeToRetry(err) {
			t.Errorf("SafeToRetry %v: %v", client.SafeToRetry(err), err)
		}
	})
}

func TestErrorWithoutCorrelationWithoutAWaitingCall(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var given *wire.Frame
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch fr.Method {
			case client.MethodWorkflowEvent:
				given = fr
			case client.MethodJobEnqueue:
				c.refuse(&wire.Frame{}, 400, "cannot decode")
			default:
				c.polite(fr)
			}
		}
		c := p.dial(format)
		giveUp := func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := c.PublishEvent(ctx, "given-up", nil); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		giveUp()
		p.conn(1).polite(given) // an answer, late
		giveUp()
		p.conn(1).refuse(&wire.Frame{}, 400, "cannot decode") // the answer, uncorrelated
		synctest.Wait()
		if _, err := c.Enqueue(t.Context(), "only", nil); !errors.Is(err, client.ErrBadRequest) {
			t.Errorf("the only call left: %v", err)
		}
		if p.count() != 1 {
			t.Errorf("%d connections", p.count())
		}
	})
}

func TestErrorWithoutCorrelationIsRedacted(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobEnqueue {
				c.refuse(&wire.Frame{}, 400, "not for secret-token")
			}
		}
		var logged bytes.Buffer
		c := p.dial(format, client.WithReconnect(false), client.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))))
		event := errs(func() error { return c.PublishEvent(t.Context(), "e", nil) })
		synctest.Wait()
		_, err := c.Enqueue(t.Context(), "n", nil)
		if _, ok := errors.AsType[*client.ProtocolError](err); !ok {
			t.Error(err)
		}
		c.Close()
		for _, text := range []string{err.Error(), (<-event).Error(), c.Err().Error(), logged.String()} {
			if strings.Contains(text, "secret-token") {
				t.Error(text)
			}
		}
	})
}

func TestErrorOfAnUndecodableFrameIsRedacted(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	p.handle = func(c *peerConn, _ *wire.Frame) { c.raw(text(`{"data":{"secret-token":"` + "\xff" + `"}}`)) }
	c := p.dial()
	_, err := c.Enqueue(t.Context(), "n", nil)
	var broken *client.ProtocolError
	if !errors.As(err, &broken) || strings.Contains(err.Error(), "secret-token") || !strings.Contains(err.Error(), "redacted") {
		t.Error(err)
	}
}

func TestErrorWithoutCorrelationSaysWhatTheServerSaid(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for want, detail := range map[string]*wire.ErrorDetail{
			"dispatch: protocol error: error frame for one of 2 calls: cannot decode":  {Code: 400, Message: "cannot decode"},
			"dispatch: protocol error: error frame for one of 2 calls: without detail": nil,
		} {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) {
				if fr.Method == client.MethodJobEnqueue {
					c.send(&wire.Frame{Type: wire.TypeError, Error: detail})
				}
			}
			c := p.dial(format, client.WithReconnect(false))
			event := errs(func() error { return c.PublishEvent(t.Context(), "e", nil) })
			synctest.Wait()
			enqueue(t.Context(), c)
			<-event
			<-c.Done()
			if got := c.Err().Error(); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	})
}
