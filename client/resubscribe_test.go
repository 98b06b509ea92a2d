package client_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestFirstSubscribeReturnsARefusalAndRepeatsALostRequest(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var n, code atomic.Int64
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case fr.Method != client.MethodSubscribe || n.Add(1) > 1:
				c.polite(fr)
			case code.Load() != 0:
				c.refuse(fr, int(code.Load()), "not now")
			}
		}
		c := p.dial(format)
		code.Store(503)
		_, err := c.Subscribe(t.Context(), "jobs")
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Code != 503 || n.Load() != 1 {
			t.Errorf("refused in passing: %v after %d requests", err, n.Load())
		}
		n.Store(0)
		code.Store(0)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		sub, err := c.Subscribe(ctx, "jobs")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 15*time.Second || took > 15250*time.Millisecond || n.Load() != 2 {
			t.Errorf("confirmed after %v and %d requests", took, n.Load())
		}
		p.conn(1).numbered(1, 1)
		if diff := cmp.Diff([]string{"1"}, story(t, []*client.Event{next(t, sub)})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSubscribeToAChannelBeingRestoredGetsItsAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var up atomic.Bool
		a := watchAsks(p, func(c *peerConn, fr *wire.Frame, _ string, n int) {
			if !up.Load() {
				c.refuse(fr, 503, "not now")
				return
			}
			c.polite(fr)
		})
		c := p.dial(format, afterASecond)
		first := subscribe(t, c, "jobs")
		p.conn(1).Cut()
		time.Sleep(10 * time.Minute)
		before := len(a.of("jobs"))
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var refused *client.Error
		if _, err := c.Subscribe(ctx, "jobs"); !errors.As(err, &refused) || time.Since(start) != 0 {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		up.Store(true)
		start = time.Now()
		if _, err := c.Subscribe(ctx, "jobs"); err != nil || time.Since(start) != 0 || len(a.of("jobs")) != before+2 {
			t.Errorf("%v after %v and %d requests", err, time.Since(start), len(a.of("jobs"))-before)
		}
		if ev := next(t, first); ev.Type != client.EventGap || first.Err() != nil {
			t.Errorf("%+v, %v", ev, first.Err())
		}
	})
}

func TestEachSessionBacksOffAnewBeforeItAsksForAChannelAgain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		a := watchAsks(p, func(c *peerConn, fr *wire.Frame, _ string, _ int) { c.refuse(fr, 503, "not now") })
		c := p.dial(format, afterASecond)
		subscribe(t, c, "jobs")
		p.conn(1).Cut()
		time.Sleep(10 * time.Minute)
		before := len(a.of("jobs"))
		p.conn(2).Cut()
		time.Sleep(2 * time.Second)
		times := a.of("jobs")[before:]
		if len(times) < 2 || times[1].Sub(times[0]) > 250*time.Millisecond {
			t.Errorf("asked at %v, want a second time within 250ms", times)
		}
	})
}
