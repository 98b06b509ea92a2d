package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/xraph/dispatch/internal/wire"
)

// TestConsumersGetAllEventsInOrderWhateverTheOthersDo has consumers of all kinds change the events
// that they get and end their subscriptions while the session reads.
func TestConsumersGetAllEventsInOrderWhateverTheOthersDo(t *testing.T) {
	t.Parallel()
	const events, early = 2000, 100 // so many get those that leave early
	ctx := t.Context()
	f := newFirehose(t, wire.FormatJSON, events)
	c := f.sub.c
	defer c.Close()
	var consumers sync.WaitGroup
	consume := func(name string, most int, f func(sub *Subscription, take func(*Event) bool)) {
		for i, channel := range []string{ChannelFirehose, ChannelJobs, QueueChannel("default")} {
			sub, err := c.newSubscription(channel, []SubscribeOption{WithBuffer(events+i, 1<<30)})
			if err == nil {
				err = c.registry.add(sub)
			}
			if err != nil {
				t.Fatal(err)
			}
			consumers.Go(func() {
				got := 0
				f(sub, func(ev *Event) (more bool) {
					if want := fmt.Sprintf("job:job_01hzy%d", got); ev.Topic != want {
						t.Errorf("%s of %s: event %d is that of %q", name, channel, got, ev.Topic)
					}
					*ev = Event{Type: "workflow.changed", Topic: "workflow:1"}
					got++
					return got < most
				})
				if got != most {
					t.Errorf("%s of %s: %d events, want %d", name, channel, got, most)
				}
			})
		}
	}
	byNext := func(sub *Subscription, take func(*Event) bool) {
		for {
			short, cancel := context.WithCancel(ctx)
			go cancel()
			ev, err := sub.Next(short)
			cancel()
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
				return
			}
			if ev != nil && !take(ev) {
				return
			}
		}
	}
	consume("Next", events, byNext)
	consume("All", events, func(sub *Subscription, take func(*Event) bool) {
		for ev, err := range sub.All(ctx) {
			if err != nil || !take(ev) {
				return
			}
		}
	})
	consume("Events", events, func(sub *Subscription, take func(*Event) bool) {
		for ev := range sub.Events() {
			if !take(ev) {
				return
			}
		}
	})
	consume("Next and Discard", early, func(sub *Subscription, take func(*Event) bool) {
		byNext(sub, take)
		sub.Discard()
		if ev, err := sub.Next(ctx); err != io.EOF {
			t.Errorf("after Discard: %v, %v", ev, err)
		}
	})
	consume("Events and Discard", early, func(sub *Subscription, take func(*Event) bool) {
		for take(<-sub.Events()) {
		}
		sub.Discard()
		for range sub.Events() { // one at most, and then its end
		}
	})
	consume("Next and Close", early, func(sub *Subscription, take func(*Event) bool) {
		byNext(sub, take)
		_ = sub.Close()
		for _, err := range sub.All(ctx) {
			if err != nil {
				t.Error(err)
			}
		}
	})
	f.conn.left.Reset(f.said)
	if err := f.session.read(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	consumers.Wait()
}
