package client_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestHalfOpenPeerIsNoticed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, every(0))
		seq := c.Transitions(t.Context())
		sub := subscribe(t, c, "jobs")
		start := time.Now()
		p.conn(1).Freeze()
		stuck := make(chan error, 1)
		go func() {
			_, err := c.Enqueue(t.Context(), "n", nil)
			stuck <- err
		}()
		lost := steps(seq, 1)[0]
		if !errors.Is(lost.Cause, client.ErrPingTimeout) || time.Since(start) < 45*time.Second || time.Since(start) > 46*time.Second {
			t.Errorf("noticed after %v: %v", time.Since(start), lost.Cause)
		}
		var unknown *client.OutcomeUnknownError
		if err := <-stuck; !errors.As(err, &unknown) || !errors.Is(err, client.ErrPingTimeout) {
			t.Errorf("the call: %v", err)
		}
		gap := next(t, sub).Payload().(*client.Gap)
		if gap.From.Sub(start).Abs() > time.Second {
			t.Errorf("the gap begins %v after the silence", gap.From.Sub(start))
		}
		if _, err := c.Stats(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestPeerThatAcceptsAndNeverReadsIsNoticed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, every(0), client.WithKeepAlive(time.Hour, 2*time.Hour))
		p.conn(1).StallReads()
		start := time.Now()
		for range 10 { // the connection's buffer holds some of them
			c.Enqueue(t.Context(), "n", string(make([]byte, 20_000)))
			if time.Since(start) > 0 {
				break
			}
		}
		if took := time.Since(start); took != 15*time.Second {
			t.Errorf("the write deadline came after %v", took)
		}
	})
}

func TestIdlePeerIsPingedAfterFifteenSeconds(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var pings []time.Duration
		start := time.Now()
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypePing {
				pings = append(pings, time.Since(start))
				time.Sleep(100 * time.Millisecond)
			}
			c.polite(fr)
		}
		c := p.dial(format)
		if rtt := c.RTT(); rtt.Samples != 1 {
			t.Errorf("after authentication: %+v", rtt)
		}
		time.Sleep(46 * time.Second)
		synctest.Wait()
		want := []time.Duration{15 * time.Second, 30*time.Second + 100*time.Millisecond, 45*time.Second + 200*time.Millisecond}
		if diff := cmp.Diff(want, pings); diff != "" {
			t.Error(diff)
		}
		if rtt := c.RTT(); rtt.Samples != 4 || rtt.Last != 100*time.Millisecond || rtt.Min != 0 || rtt.Smoothed == 0 {
			t.Errorf("%+v", rtt)
		}
	})
}

func TestBusyPeerIsNotDisconnected(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodStats {
				for range 60 { // it answers nothing for a minute, but its events come
					time.Sleep(time.Second)
					c.numbered(1, 1)
				}
			}
			c.polite(fr)
		}
		c := p.dial(format)
		if _, err := c.Stats(t.Context()); err != nil || p.count() != 1 {
			t.Errorf("%v, %d connections", err, p.count())
		}
	})
}

func TestServersPingsAreAnswered(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		pongs := 0
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Type == wire.TypePong && fr.CorrelID == "ping-1" {
				pongs++
			}
			c.polite(fr)
		}
		c := p.dial(format)
		p.conn(1).send(&wire.Frame{ID: "ping-1", Type: wire.TypePing})
		synctest.Wait()
		if pongs != 1 || c.State() != client.StateReady {
			t.Errorf("%d pongs, %v", pongs, c.State())
		}
	})
}

func TestNoWebSocketPingsAreSent(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.dial(format)
		time.Sleep(time.Hour)
		if n := p.conn(1).controls.Load(); n != 0 {
			t.Errorf("%d control frames", n)
		}
	})
}
