package client_test

import (
	"context"
	"io"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
)

func TestExportedFieldsOfASubscriptionAreCopies(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		id := sub.ID
		sub.ID, sub.Channel = "x", "y"
		p.conn(1).numbered(1, 1)
		next(t, sub)
		if err := sub.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := sub.Next(short); err != io.EOF || !slices.Contains(p.seen(), client.MethodUnsubscribe) {
			t.Errorf("Next after Close: %v; the server saw %v", err, p.seen())
		}
		if err := c.Unsubscribe(t.Context(), id); err != nil {
			t.Error(err)
		}

		watched, err := c.Watch(t.Context(), "1")
		if err != nil {
			t.Fatal(err)
		}
		watched.ID, watched.Channel = "x", "y"
		p.conn(1).event(client.EventWorkflowCompleted, "workflow:1", map[string]any{})
		next(t, watched)
		events := watched.Events()
		synctest.Wait()
		select {
		case ev, open := <-events:
			if open {
				t.Errorf("%v after the last event", ev)
			}
		default:
			t.Error("Watch goes on after the last event")
		}
	})
}

// It is not parallel, since it measures what is allocated.
func TestCostOfCloseDoesNotGrowWithSubscriptions(t *testing.T) {
	p := newPeer(t)
	c := p.dial()
	perClose := func(n int) uint64 {
		subs := make([]*client.Subscription, n)
		for i := range subs {
			subs[i] = subscribe(t, c, client.ChannelJobs, client.WithBuffer(1, 1))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, sub := range subs {
			sub.Close()
		}
		runtime.ReadMemStats(&after)
		return (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	}
	few, many := perClose(100), perClose(5000)
	if many > few+1000 {
		t.Errorf("closing one of 5,000 allocates %d bytes, one of 100 allocates %d", many, few)
	}
}

func BenchmarkCloseOfManySubscriptionsToOneChannel(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			c := newPeer(b).dial()
			subs := make([]*client.Subscription, n)
			for b.Loop() {
				b.StopTimer()
				for i := range subs {
					var err error
					if subs[i], err = c.Subscribe(b.Context(), client.ChannelJobs); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				for _, sub := range subs {
					sub.Close()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/close")
		})
	}
}
