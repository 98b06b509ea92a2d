package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// subscribe subscribes or fails the test.
func subscribe(t *testing.T, c *client.Client, channel string, opts ...client.SubscribeOption) *client.Subscription {
	t.Helper()
	sub, err := c.Subscribe(t.Context(), channel, opts...)
	if err != nil {
		t.Fatalf("Subscribe(%q): %v", channel, err)
	}
	return sub
}

// numbered sends the events of one job, numbered by their attempt.
func (c *peerConn) numbered(from, n int) {
	for i := from; i < from+n; i++ {
		c.event(client.EventJobStarted, "job:1", map[string]any{"job_id": "1", "job_name": "n", "queue": "q", "attempt": i})
	}
}

// story is what a subscription delivered, in short: the attempts of job events, and gaps by cause
// and count.
func story(t *testing.T, evs []*client.Event) []string {
	t.Helper()
	var out []string
	for _, ev := range evs {
		switch p := ev.Payload().(type) {
		case *client.JobEvent:
			out = append(out, strconv.Itoa(p.Attempt))
		case *client.WorkflowEvent:
			out = append(out, string(ev.Type))
		case *client.CronEvent:
			out = append(out, "cron")
		case *client.Gap:
			if ev.Type != client.EventGap || p.From.IsZero() || p.To.Before(p.From) || !ev.Synthetic {
				t.Errorf("bad gap: %+v %+v", ev, p)
			}
			out = append(out, fmt.Sprintf("gap %s %d", p.Cause, p.Count))
		case *client.UnknownEvent:
			if p.Err == nil {
				t.Error("an unknown event without an error")
			}
			out = append(out, "unknown "+string(p.Type))
		}
	}
	return out
}

// rest ends a subscription and returns all that it still delivers.
func rest(t *testing.T, sub *client.Subscription) []*client.Event {
	t.Helper()
	sub.Close()
	var evs []*client.Event
	for ev, err := range sub.All(t.Context()) {
		if err != nil {
			t.Errorf("All: %v", err)
			break
		}
		evs = append(evs, ev)
	}
	return evs
}

func TestEventsGoByTypeAndTopicOnceToEverySubscription(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		want := map[string][]string{
			"jobs":       {"job.started", "job.started", "job.new"},
			"workflows":  {"workflow.started"},
			"firehose":   {"job.started", "workflow.started", "job.started", "cron.fired", "job.new", "x.y"},
			"job:1":      {"job.started", "job.new"},
			"job:2":      {"job.started"},
			"workflow:1": {"workflow.started"},
			"queue:a":    {"job.started"},
			"queue:b":    {"job.started"},
			"queue:none": nil,
		}
		subs := map[string]*client.Subscription{}
		for channel := range want {
			subs[channel] = subscribe(t, c, channel)
			subs[channel+" again"] = subscribe(t, c, channel)
		}
		conn := p.conn(1)
		conn.event("job.started", "job:1", map[string]any{"job_id": "1", "queue": "a"})
		conn.event("workflow.started", "workflow:1", map[string]any{"run_id": "1"})
		conn.event("job.started", "job:2", map[string]any{"job_id": "2", "queue": "b"})
		conn.event("cron.fired", "", map[string]any{"entry_name": "e", "job_id": "1"})
		conn.event("job.new", "job:1", 7)
		conn.event("x.y", "", nil)
		synctest.Wait()
		for name, sub := range subs {
			var got []string
			for _, ev := range rest(t, sub) {
				got = append(got, string(ev.Type))
			}
			if diff := cmp.Diff(want[strings.TrimSuffix(name, " again")], got); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
	})
}

func TestSubscriptionsOfOneChannelAreOneOnTheServer(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		subs := []*client.Subscription{
			subscribe(t, c, "jobs"), subscribe(t, c, "queue:a"), subscribe(t, c, "jobs"), subscribe(t, c, "queue:b"),
		}
		if subs[0].ID == subs[2].ID || subs[1].Channel != "queue:a" {
			t.Errorf("ids %q and %q, channel %q", subs[0].ID, subs[2].ID, subs[1].Channel)
		}
		for _, sub := range subs {
			if slices.Contains(p.seen(), "unsubscribe") {
				t.Error("the request was sent too early")
			}
			if err := c.Unsubscribe(t.Context(), sub.ID); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]string{"subscribe", "unsubscribe"}, p.seen()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUnsubscribeOfAnUnknownOrEndedIDIsNil(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		for _, id := range []string{"", "nobody's", sub.ID, sub.ID} {
			if err := c.Unsubscribe(t.Context(), id); err != nil {
				t.Errorf("%q: %v", id, err)
			}
		}
		sub.Close()
		sub.Close()
		c.Close()
		if err := c.Unsubscribe(t.Context(), sub.ID); err != nil {
			t.Error(err)
		}
		if _, err := sub.Next(t.Context()); err != io.EOF || sub.Err() != nil {
			t.Errorf("Next: %v, Err: %v", err, sub.Err())
		}
	})
}

func TestEventsBeforeTheReplyAreNotLost(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodSubscribe {
				c.numbered(1, 3)
			}
			c.polite(fr)
		}
		sub := subscribe(t, p.dial(format), "jobs")
		if diff := cmp.Diff([]string{"1", "2", "3"}, story(t, rest(t, sub))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStalledConsumerBlocksNothingElse(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		stalled := subscribe(t, c, "jobs", client.WithBuffer(10, 1<<20))
		channel := subscribe(t, c, "jobs", client.WithBuffer(10, 1<<20))
		_ = channel.Events() // from which nothing is received
		reading := subscribe(t, c, "jobs", client.WithBuffer(5000, 8<<20))
		p.conn(1).numbered(0, 3000)
		for i := range 3000 {
			if ev := next(t, reading); ev.Payload().(*client.JobEvent).Attempt != i {
				t.Fatalf("event %d: %s", i, ev.Data)
			}
		}
		if _, err := c.Stats(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Minute)
		if c.State() != client.StateReady || p.count() != 1 {
			t.Errorf("%v, %d connections", c.State(), p.count())
		}
		if stalled.Dropped() != 2990 || c.Counters().DroppedEvents < 2*2989 {
			t.Errorf("dropped %d, %d in all", stalled.Dropped(), c.Counters().DroppedEvents)
		}
	})
}

func TestCtxThatEndsInNextLosesNoEvent(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		for i := range 100 {
			ctx, cancel := context.WithCancel(t.Context())
			go p.conn(1).numbered(i, 1)
			go cancel()
			ev, err := sub.Next(ctx)
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				ev = next(t, sub)
			}
			if got := ev.Payload().(*client.JobEvent).Attempt; got != i {
				t.Fatalf("event %d came as %d", i, got)
			}
		}
	})
}

func TestOneConsumerAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		sub := subscribe(t, p.dial(format), "jobs")
		ctx, cancel := context.WithCancel(t.Context())
		go sub.Next(ctx)
		synctest.Wait()
		if _, err := sub.Next(t.Context()); !errors.Is(err, client.ErrConcurrentNext) {
			t.Error(err)
		}
		cancel()
		synctest.Wait()
		events := sub.Events()
		synctest.Wait()
		if _, err := sub.Next(t.Context()); !errors.Is(err, client.ErrConcurrentNext) {
			t.Error(err)
		}
		p.conn(1).numbered(1, 1)
		if ev := <-events; ev.Type != client.EventJobStarted {
			t.Error(ev)
		}
	})
}

func TestEventsChannelDeliversAndCloses(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 3)
		synctest.Wait()
		events := sub.Events()
		sub.Close()
		var evs []*client.Event
		for ev := range events {
			evs = append(evs, ev)
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, story(t, evs)); diff != "" {
			t.Error(diff)
		}

		left := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 3)
		synctest.Wait()
		events = left.Events()
		synctest.Wait()
		c.Close()
		if ev, open := <-events; open {
			t.Errorf("received %v after Close", ev)
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, story(t, rest(t, left))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEndingFromInsideAConsumerIsSafe(t *testing.T) {
	for name, end := range map[string]func(context.Context, *client.Client, *client.Subscription) error{
		"Close": func(_ context.Context, _ *client.Client, s *client.Subscription) error { return s.Close() },
		"Unsubscribe": func(ctx context.Context, c *client.Client, s *client.Subscription) error {
			return c.Unsubscribe(ctx, s.ID)
		},
		"Client.Close": func(_ context.Context, c *client.Client, _ *client.Subscription) error { return c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				for _, cut := range []bool{false, true} {
					p := newPeer(t)
					c := p.dial(format)
					sub := subscribe(t, c, "jobs")
					p.conn(1).numbered(1, 2)
					synctest.Wait()
					if cut {
						p.conn(1).Cut()
						synctest.Wait()
					}
					seen := 0
					for _, err := range sub.All(t.Context()) {
						if err != nil {
							t.Fatal(err)
						}
						if seen++; seen <= 2 {
							if err := end(t.Context(), c, sub); err != nil {
								t.Error(err)
							}
						}
					}
					if want := 2; !cut && seen != want || cut && seen != want+1 || sub.Err() != nil {
						t.Errorf("cut %v: %d events, %v", cut, seen, sub.Err())
					}
				}
			})
		})
	}
}

func TestSubscriptionsAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithLimits(client.Limits{Subscriptions: 2}))
		subscribe(t, c, "jobs")
		sub := subscribe(t, c, "jobs")
		_, err := c.Subscribe(t.Context(), "jobs")
		var limit *client.LimitError
		if !errors.Is(err, client.ErrTooManySubscriptions) || !errors.As(err, &limit) || limit.Field != "Subscriptions" {
			t.Error(err)
		}
		sub.Close()
		subscribe(t, c, "jobs")
	})
}

func TestSubscribeGivenUpLeavesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method != client.MethodSubscribe {
				c.polite(fr)
			}
		}
		c := p.dial(format)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Subscribe(ctx, "jobs"); !errors.Is(err, context.DeadlineExceeded) || !client.SafeToRetry(err) {
			t.Error(err)
		}
		synctest.Wait()
		if diff := cmp.Diff([]string{"subscribe", "unsubscribe"}, p.seen()); diff != "" {
			t.Error(diff)
		}
		go func() {
			time.Sleep(time.Second)
			c.Close()
		}()
		if _, err := c.Subscribe(t.Context(), "jobs"); !errors.Is(err, client.ErrClosed) {
			t.Error(err)
		}
	})
}

func TestEventThatDoesNotDecodeIsAnUnknownEvent(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "job:1")
		conn := p.conn(1)
		for _, data := range []string{`7`, `null`, `{"type":7}`, `{"type":"job.started","ts":"2026-11-23T14:29:34Z","topic":"job:1","data":7}`} {
			conn.send(&wire.Frame{Type: wire.TypeEvent, Channel: "job:1", Data: []byte(data)})
		}
		conn.numbered(1, 1)
		synctest.Wait()
		want := []string{"unknown ", "unknown ", "unknown ", "unknown job.started", "1"}
		if diff := cmp.Diff(want, story(t, rest(t, sub))); diff != "" || c.State() != client.StateReady {
			t.Error(diff, c.State())
		}
	})
}
