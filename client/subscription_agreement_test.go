package client_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// TestServerAndClientAgreeOnSubscriptions subscribes and unsubscribes at random from many
// goroutines, some of them out of patience, while connections are cut. In the end the server has
// subscriptions to exactly the channels that the client wants, and each subscription gets an event,
// once.
func TestServerAndClientAgreeOnSubscriptions(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var mu sync.Mutex
		server := map[int]map[string]bool{} // by connection
		p.handle = func(c *peerConn, fr *wire.Frame) {
			time.Sleep(time.Millisecond)
			mu.Lock()
			if server[c.n] == nil {
				server[c.n] = map[string]bool{}
			}
			switch fr.Method {
			case client.MethodSubscribe:
				if server[c.n][field(fr, "channel")] {
					t.Errorf("connection %d: %s subscribed to twice", c.n, field(fr, "channel"))
				}
				server[c.n][field(fr, "channel")] = true
			case client.MethodUnsubscribe:
				delete(server[c.n], field(fr, "channel"))
			}
			mu.Unlock()
			if !c.isGone() {
				c.polite(fr)
			}
		}
		c := p.dial(format, every(5*time.Millisecond))
		channels := []string{"jobs", "queue:a", "queue:b", "workflows", "firehose", "job:1", "workflow:1"}
		kept := make([][]*client.Subscription, 20)
		var wg sync.WaitGroup
		for i := range kept {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			wg.Go(func() {
				var mine []*client.Subscription
				for range 60 {
					if len(mine) > 0 && r.IntN(2) == 0 {
						n := r.IntN(len(mine))
						if r.IntN(2) == 0 {
							mine[n].Close()
						} else if err := c.Unsubscribe(t.Context(), mine[n].ID); err != nil {
							t.Errorf("Unsubscribe: %v", err)
						}
						mine = slices.Delete(mine, n, n+1)
						continue
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.IntN(60))*time.Millisecond)
					if sub, err := c.Subscribe(ctx, channels[r.IntN(len(channels))]); err == nil {
						mine = append(mine, sub)
					} else if ctx.Err() == nil {
						t.Errorf("Subscribe: %v", err)
					}
					cancel()
				}
				kept[i] = mine
			})
		}
		wg.Go(func() {
			for range 20 {
				time.Sleep(50 * time.Millisecond)
				p.conn(p.count()).Cut()
			}
		})
		wg.Wait()
		time.Sleep(time.Minute)
		synctest.Wait()

		want := map[string]bool{}
		subs := slices.Concat(kept...)
		for _, sub := range subs {
			want[map[bool]string{true: "jobs", false: sub.Channel}[sub.Channel[:2] == "qu"]] = true
		}
		mu.Lock()
		got := server[p.count()]
		mu.Unlock()
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("the server's channels: %s", diff)
		}
		conn := p.conn(p.count())
		conn.event("job.started", "job:1", map[string]any{"queue": "a"})
		conn.event("job.started", "job:1", map[string]any{"queue": "b"})
		conn.event("workflow.started", "workflow:1", map[string]any{})
		synctest.Wait()
		counts := map[string]int{"jobs": 2, "queue:a": 1, "queue:b": 1, "workflows": 1, "firehose": 3, "job:1": 2, "workflow:1": 1}
		for _, sub := range subs {
			var evs []string
			for _, ev := range rest(t, sub) {
				if ev.Type != client.EventGap {
					evs = append(evs, fmt.Sprint(ev.Type))
				}
			}
			if len(evs) != counts[sub.Channel] {
				t.Errorf("%s got %v", sub.Channel, evs)
			}
		}
	})
}
