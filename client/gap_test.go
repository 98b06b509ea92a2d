package client_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestSubscriptionsAreRestoredInOrderBeforeReady(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var mu sync.Mutex
		var second []string
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if c.n == 2 && fr.Type == wire.TypeRequest {
				mu.Lock()
				second = append(second, fr.Method+" "+field(fr, "channel"))
				mu.Unlock()
				time.Sleep(time.Second)
			}
			c.polite(fr)
		}
		c := p.dial(format)
		for _, channel := range []string{"workflows", "job:1", "queue:x", "firehose", "jobs"} {
			subscribe(t, c, channel)
		}
		gone := subscribe(t, c, "job:2")
		gone.Close()
		p.conn(1).Cut()
		synctest.Wait()
		if _, err := c.Stats(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := []string{"subscribe workflows", "subscribe job:1", "subscribe jobs", "subscribe firehose", "stats "}
		mu.Lock()
		defer mu.Unlock()
		if diff := cmp.Diff(want, second); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRefusedSubscriptionEndsOnlyItself(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodSubscribe && (field(fr, "channel") == "bad" || c.n == 2 && field(fr, "channel") == "jobs") {
				c.refuse(fr, 403, "not any more")
				return
			}
			c.polite(fr)
		}
		c := p.dial(format)
		if _, err := c.Subscribe(t.Context(), "bad"); !errors.Is(err, client.ErrForbidden) || !client.SafeToRetry(err) {
			t.Errorf("refused at first: %v", err)
		}
		jobs, twin, workflows := subscribe(t, c, "jobs"), subscribe(t, c, "jobs"), subscribe(t, c, "workflows")
		p.conn(1).numbered(1, 1)
		synctest.Wait()
		p.conn(1).Cut()
		for _, sub := range []*client.Subscription{jobs, twin} {
			next(t, sub) // the event
			next(t, sub) // the gap
			if _, err := sub.Next(t.Context()); !errors.Is(err, client.ErrForbidden) || !errors.Is(sub.Err(), client.ErrForbidden) {
				t.Errorf("refused later: %v, %v", err, sub.Err())
			}
		}
		if ev := next(t, workflows); ev.Type != client.EventGap {
			t.Errorf("the other: %v", ev)
		}
		if err := c.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestOutageIsAGapInItsPlace(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.admit = func(c *peerConn) bool { return c.n != 2 }
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodSubscribe && c.n == 3 {
				c.numbered(3, 2) // before the reply
			}
			c.polite(fr)
		}
		c := p.dial(format, client.WithBackoff(func(int) (time.Duration, bool) { return time.Second, true }))
		sub := subscribe(t, c, "jobs")
		other := subscribe(t, c, "job:1")
		time.Sleep(time.Second)
		p.conn(1).numbered(1, 2)
		synctest.Wait()
		lost := time.Now()
		time.Sleep(time.Second)
		p.conn(1).Cut()
		synctest.Wait()
		if err := c.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		p.conn(3).numbered(7, 1)
		synctest.Wait()
		for _, s := range []*client.Subscription{sub, other} {
			evs := rest(t, s)
			// Both restored subscriptions made the peer send 3 and 4.
			if diff := cmp.Diff([]string{"1", "2", "gap reconnect 0", "3", "4", "3", "4", "7"}, story(t, evs)); diff != "" {
				t.Errorf("%s: %s", s.Channel, diff)
				continue
			}
			gap := evs[2].Payload().(*client.Gap)
			if !gap.From.Equal(lost) || gap.To.Sub(gap.From) != 3*time.Second {
				t.Errorf("%s: from %v to %v, lost at %v", s.Channel, gap.From, gap.To, lost)
			}
		}
	})
}

func TestOutagesThatFollowOneAnotherAreOneGap(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		for range 5 {
			p.conn(p.count()).Cut()
			time.Sleep(time.Minute)
		}
		p.conn(p.count()).numbered(1, 1)
		synctest.Wait()
		if diff := cmp.Diff([]string{"gap reconnect 0", "1"}, story(t, rest(t, sub))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOverflowIsOneGapAnEpisode(t *testing.T) {
	for name, test := range map[string]struct {
		policy client.Overflow
		want   []string
		err    error
	}{
		"oldest": {client.OverflowDropOldest, []string{"gap overflow 6", "7", "8", "9", "20"}, nil},
		"newest": {client.OverflowDropNewest, []string{"1", "2", "3", "gap overflow 6", "20"}, nil},
		"fail":   {client.OverflowFail, []string{"1", "2", "3"}, client.ErrOverflow},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				c := p.dial(format)
				sub := subscribe(t, c, "jobs", client.WithBuffer(3, 1<<20), client.WithOverflow(test.policy))
				p.conn(1).numbered(1, 9)
				synctest.Wait()
				var evs []*client.Event
				for range 4 {
					if ev, err := sub.Next(t.Context()); err == nil {
						evs = append(evs, ev)
					} else if !errors.Is(err, test.err) {
						t.Fatal(err)
					}
				}
				p.conn(1).numbered(20, 1)
				synctest.Wait()
				if test.err == nil {
					evs = append(evs, rest(t, sub)...)
				}
				if diff := cmp.Diff(test.want, story(t, evs)); diff != "" {
					t.Error(diff)
				}
				if test.err == nil && sub.Dropped() != 6 || !errors.Is(sub.Err(), test.err) {
					t.Errorf("dropped %d, Err %v", sub.Dropped(), sub.Err())
				}
				synctest.Wait()
				if gone := slices.Contains(p.seen(), "unsubscribe"); !gone {
					t.Error("no unsubscribe was sent")
				}
			})
		})
	}
}

func TestQueueIsBoundedByBytes(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs", client.WithBuffer(1000, 10_000))
		for i := range 5 {
			p.conn(1).event("job.started", "job:1", map[string]any{"attempt": i, "error": strings.Repeat("x", 4000)})
		}
		p.conn(1).event("job.started", "job:1", map[string]any{"attempt": 5, "error": strings.Repeat("x", 50_000)})
		synctest.Wait()
		if diff := cmp.Diff([]string{"gap overflow 5", "5"}, story(t, rest(t, sub))); diff != "" {
			t.Error(diff) // even one that is larger than the bound gets through alone
		}
	})
}

func TestOverflowBeforeTheReplyIsNotARefusal(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodSubscribe {
				c.numbered(1, 9)
				synctest.Wait()
			}
			c.polite(fr)
		}
		sub := subscribe(t, p.dial(format), "jobs", client.WithBuffer(3, 1<<20), client.WithOverflow(client.OverflowFail))
		for i := range 3 {
			if ev := next(t, sub); ev.Payload().(*client.JobEvent).Attempt != i+1 {
				t.Errorf("event %d: %s", i+1, ev.Data)
			}
		}
		if _, err := sub.Next(t.Context()); !errors.Is(err, client.ErrOverflow) {
			t.Error(err)
		}
	})
}
