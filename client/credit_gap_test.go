package client_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// treasury makes the peer keep credits as a real server does: one an event, and none means that it
// is lost.
type treasury struct {
	left, lost atomic.Int64
	grants     atomic.Int64
}

func keepCredits(p *peer) *treasury {
	k := new(treasury)
	k.left.Store(1000)
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Credits > 0 && fr.Type == wire.TypeEvent {
			k.grants.Add(1)
			k.left.Add(int64(fr.Credits))
			return
		}
		c.polite(fr)
	}
	return k
}

// pay sends a numbered event if there is a credit for it.
func (k *treasury) pay(c *peerConn, n int) {
	if k.left.Load() == 0 {
		k.lost.Add(1)
		return
	}
	k.left.Add(-1)
	c.numbered(n, 1)
}

func TestAMillionCreditsAreGrantedFirst(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var first atomic.Pointer[wire.Frame]
		p.handle = func(c *peerConn, fr *wire.Frame) {
			first.CompareAndSwap(nil, fr)
			c.polite(fr)
		}
		subscribe(t, p.dial(format), "jobs")
		fr := first.Load()
		if fr.Type != wire.TypeEvent || fr.Credits != 1_000_000 || fr.Method != "" || fr.Data != nil {
			t.Errorf("the first frame: %+v", fr)
		}
	})
}

func TestCreditsNeverRunOut(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for credits, n := range map[int]int{1_000_000: 20_000, 3000: 8000} {
			p := newPeer(t)
			k := keepCredits(p)
			c := p.dial(format, client.WithCredits(credits))
			sub := subscribe(t, c, "jobs", client.WithBuffer(30_000, 1<<30))
			for i := range n {
				k.pay(p.conn(1), i)
				if i%100 == 0 {
					synctest.Wait() // full speed, but not faster than the peer's own reading
				}
			}
			for i := range n {
				if ev, err := sub.Next(t.Context()); err != nil || ev.Type == client.EventGap || ev.Payload().(*client.JobEvent).Attempt != i {
					t.Fatalf("credits %d: event %d is %+v, %v", credits, i, ev, err)
				}
			}
			if k.lost.Load() != 0 || credits == 3000 && k.grants.Load() < 3 {
				t.Errorf("credits %d: %d lost, %d grants", credits, k.lost.Load(), k.grants.Load())
			}
		}
	})
}

func TestSpentCreditsAreAGap(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithCredits(1000))
		sub := subscribe(t, c, "jobs", client.WithBuffer(10_000, 1<<30))
		other := subscribe(t, c, "workflows")
		conn := p.conn(1)
		// More credits are granted, but the peer does not read the grant while 2,000 events go out.
		conn.StallReads()
		conn.numbered(0, 2000)
		synctest.Wait()
		spent := time.Now()
		time.Sleep(3 * time.Second)
		conn.Resume()
		synctest.Wait()
		conn.numbered(5000, 1)
		synctest.Wait()
		if ev := next(t, other); ev.Type != client.EventGap {
			t.Errorf("the other subscription, which lives on, has %v", ev.Type)
		}
		got := rest(t, sub)
		if diff := cmp.Diff([]string{"1999", "gap credits 0", "5000"}, story(t, got)[1999:]); diff != "" {
			t.Error(diff)
		}
		gap := got[2000].Payload().(*client.Gap)
		if !gap.From.Equal(spent) || gap.To.Sub(gap.From) != 3*time.Second {
			t.Errorf("from %v to %v, spent at %v", gap.From, gap.To, spent)
		}
	})
}

func TestSubscriptionMadeWithoutCreditsHasAGap(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithCredits(1000))
		subscribe(t, c, "jobs")
		conn := p.conn(1)
		conn.StallReads()
		conn.numbered(0, 2000)
		synctest.Wait()
		late := subscribe(t, c, "jobs") // the server knows the channel
		time.Sleep(3 * time.Second)
		conn.Resume()
		synctest.Wait()
		conn.numbered(5000, 1)
		synctest.Wait()
		if diff := cmp.Diff([]string{"gap credits 0", "5000"}, story(t, rest(t, late))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSubscriptionMadeAfterCreditsHaveComeBackHasNoGap(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithCredits(1000))
		subscribe(t, c, "jobs")
		conn := p.conn(1)
		conn.StallReads()
		conn.numbered(0, 2000)
		synctest.Wait()
		conn.Resume()
		synctest.Wait()
		late := subscribe(t, c, "jobs")
		conn.numbered(5000, 1)
		synctest.Wait()
		if diff := cmp.Diff([]string{"5000"}, story(t, rest(t, late))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSpentCreditsThatNeverComeBackEndTheSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithCredits(1000))
		sub := subscribe(t, c, "jobs", client.WithBuffer(10_000, 1<<30))
		p.conn(1).StallReads()
		p.conn(1).numbered(0, 2000)
		time.Sleep(2 * time.Minute)
		got := story(t, rest(t, sub))
		if diff := cmp.Diff([]string{"1999", "gap credits 0", "gap reconnect 0"}, got[1999:]); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEachSessionCountsItsOwnCredits(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		k := keepCredits(p)
		c := p.dial(format, client.WithCredits(2000))
		sub := subscribe(t, c, "jobs")
		for range 3 {
			for i := range 1500 {
				k.pay(p.conn(p.count()), i)
				next(t, sub)
			}
			k.left.Store(1000)
			p.conn(p.count()).Cut()
			if ev := next(t, sub); ev.Payload().(*client.Gap).Cause != client.GapReconnect {
				t.Error(ev.Payload())
			}
		}
		if k.lost.Load() != 0 {
			t.Errorf("%d lost", k.lost.Load())
		}
	})
}

func TestSubscriptionSurvivesASessionThatEndsWithoutCredits(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithCredits(1000), every(time.Second))
		sub := subscribe(t, c, "jobs", client.WithBuffer(10_000, 1<<30))
		p.conn(1).StallReads() // no grant comes through
		p.conn(1).numbered(0, 2000)
		synctest.Wait()
		p.conn(1).Cut()
		time.Sleep(2 * time.Second)
		p.conn(2).numbered(5000, 1)
		var got []*client.Event
		for len(got) < 2003 {
			got = append(got, next(t, sub))
		}
		if diff := cmp.Diff([]string{"1999", "gap credits 0", "gap reconnect 0", "5000"}, story(t, got)[1999:]); diff != "" {
			t.Error(diff)
		}
	})
}
