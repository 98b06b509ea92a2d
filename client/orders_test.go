// This file tests subscriptions in front of a server that answers requests for channels late, out
// of order, never, or with a refusal that passes.

package client_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// erratic is a server that handles requests for channels in order and answers them as it likes,
// until it is healed.
type erratic struct {
	p *peer

	mu     sync.Mutex
	r      *rand.Rand
	healed bool
	has    map[*peerConn]map[string]bool // the channels that a connection is subscribed to
	said   []string
}

func newErratic(p *peer, seed uint64) *erratic {
	e := &erratic{p: p, r: rand.New(rand.NewPCG(seed, 1)), has: map[*peerConn]map[string]bool{}}
	p.handle = e.handle
	return e
}

func (e *erratic) handle(c *peerConn, fr *wire.Frame) {
	if fr.Method != client.MethodSubscribe && fr.Method != client.MethodUnsubscribe {
		c.polite(fr)
		return
	}
	refuses, loses, late := e.decide(c, fr)
	if loses {
		return
	}
	e.p.serve.Go(func() {
		select {
		case <-time.After(late): // so that others overtake it
		case <-c.gone:
			return
		}
		if refuses {
			c.refuse(fr, 503, "not now")
		} else {
			c.polite(fr)
		}
	})
}

// decide handles a request and draws how it is answered.
func (e *erratic) decide(c *peerConn, fr *wire.Frame) (refuses, loses bool, late time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.healed {
		refuses, loses = fr.Method == client.MethodSubscribe && e.r.IntN(4) == 0, e.r.IntN(4) == 0
		if e.r.IntN(3) == 0 {
			late = time.Duration(e.r.Int64N(int64(50 * time.Second)))
		}
	}
	channel := field(fr, "channel")
	if e.has[c] == nil {
		e.has[c] = map[string]bool{}
	}
	switch {
	case refuses:
	case fr.Method == client.MethodSubscribe:
		e.has[c][channel] = true
	default:
		delete(e.has[c], channel)
	}
	e.said = append(e.said, fmt.Sprintf("%s connection %d: %s %s, refuses %v, loses %v, late %v",
		time.Now().Format("04:05.000"), c.n, fr.Method, channel, refuses, loses, late))
	return refuses, loses, late
}

func (e *erratic) heal() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.healed = true
}

// channels is what the latest connection is subscribed to.
func (e *erratic) channels() []string {
	c := e.p.conn(e.p.count())
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Sorted(maps.Keys(e.has[c]))
}

// fickle subscribes and ends subscriptions for a while, and returns those that it has left.
func fickle(t *testing.T, c *client.Client, r *rand.Rand) (left []*client.Subscription) {
	for range 12 {
		time.Sleep(time.Duration(r.Int64N(int64(20 * time.Second))))
		if len(left) == 0 || r.IntN(2) == 0 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+r.IntN(60))*time.Second)
			sub, err := c.Subscribe(ctx, []string{"jobs", "job:1", "queue:q"}[r.IntN(3)])
			if cancel(); err == nil {
				left = append(left, sub)
			}
			continue
		}
		i := r.IntN(len(left))
		switch r.IntN(3) {
		case 0:
			left[i].Close()
		case 1:
			left[i].Discard()
		default:
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			c.Unsubscribe(ctx, left[i].ID)
			cancel()
		}
		left = slices.Delete(left, i, i+1)
	}
	return left
}

func TestSubscriptionsMatchTheServerInAnyOrderOfAnswers(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 10
	}
	t.Parallel()
	for _, format := range formats {
		for seed := range seeds {
			t.Run(fmt.Sprint(format, " ", seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { liveInAnyOrder(t, client.WithFormat(format), seed) })
			})
		}
	}
}

func liveInAnyOrder(t *testing.T, format client.Option, seed uint64) {
	p := newPeer(t)
	e := newErratic(p, seed)
	defer func() {
		for _, line := range e.said {
			if t.Failed() {
				t.Log(line)
			}
		}
	}()
	c := p.dial(format, afterASecond)
	r := rand.New(rand.NewPCG(seed, 2))
	var mu sync.Mutex
	var subs []*client.Subscription
	var acting sync.WaitGroup
	for range 3 {
		own := rand.New(rand.NewPCG(r.Uint64(), 3))
		acting.Go(func() {
			left := fickle(t, c, own)
			mu.Lock()
			defer mu.Unlock()
			subs = append(subs, left...)
		})
	}
	for range r.IntN(4) {
		time.Sleep(time.Duration(r.Int64N(int64(time.Minute))))
		p.conn(p.count()).Cut()
	}
	acting.Wait()
	e.heal()
	time.Sleep(3 * time.Minute)
	synctest.Wait()
	want := map[string]bool{}
	for _, sub := range subs {
		channel := sub.Channel
		if channel == "queue:q" {
			channel = "jobs"
		}
		want[channel] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), e.channels()); diff != "" {
		t.Error("the server's channels:", diff)
	}
	p.conn(p.count()).event(client.EventJobStarted, "job:1", map[string]string{"job_id": "1", "queue": "q"})
	synctest.Wait()
	for _, sub := range subs {
		events := 0
		for {
			ev, err := nextWithin(t, sub, time.Second)
			if err != nil {
				break
			}
			if ev.Type == client.EventJobStarted {
				events++
			}
		}
		if events != 1 || sub.Err() != nil {
			t.Errorf("%s got the event %d times, Err: %v", sub.Channel, events, sub.Err())
		}
	}
}

func TestRefusalAfterAGrantEndsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var first *wire.Frame
		watchAsks(p, func(c *peerConn, fr *wire.Frame, _ string, n int) {
			if n == 1 {
				first = fr
				return
			}
			c.polite(fr)
			c.refuse(first, 403, "late")
		})
		sub := subscribe(t, p.dial(format, afterASecond), "jobs")
		p.conn(1).Cut()
		time.Sleep(time.Minute)
		p.conn(2).numbered(1, 1)
		synctest.Wait()
		if ev := next(t, sub); ev.Type != client.EventGap {
			t.Errorf("%+v, want the gap", ev)
		}
		if ev := next(t, sub); ev.Type != client.EventJobStarted || sub.Err() != nil {
			t.Errorf("%+v, %v", ev, sub.Err())
		}
	})
}

func TestChannelThatMayHaveBeenGrantedIsUnsubscribed(t *testing.T) {
	for _, code := range []int{403, 503} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				n := 0
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method != client.MethodSubscribe {
						c.polite(fr)
					} else if n++; n == 2 {
						c.refuse(fr, code, "no")
					}
				}
				var refused *client.Error
				if _, err := p.dial(format).Subscribe(t.Context(), "jobs"); !errors.As(err, &refused) || refused.Code != client.Code(code) {
					t.Errorf("Subscribe: %v, want the refusal", err)
				}
				synctest.Wait()
				if diff := cmp.Diff([]string{"subscribe", "subscribe", "unsubscribe"}, p.seen()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
