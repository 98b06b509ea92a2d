package client

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestConsumerMayChangeItsEventBeforeOthersHaveTheirs has each subscription's consumer take and
// overwrite its event while the reader goes on to the next subscription.
func TestConsumerMayChangeItsEventBeforeOthersHaveTheirs(t *testing.T) {
	t.Parallel()
	c := newClient(defaults())
	var subs []*Subscription
	got := map[*Subscription]Event{}
	consume := func() {
		for _, sub := range subs {
			if !sub.queue.mu.TryLock() {
				continue // the reader has it
			}
			ev, err := sub.queue.pullLocked(false)
			sub.queue.mu.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			if ev != nil {
				got[sub] = *ev
				*ev = Event{Type: "changed", Topic: "workflow:1"}
			}
		}
	}
	for _, channel := range []string{ChannelFirehose, ChannelFirehose, ChannelFirehose, ChannelJobs, QueueChannel("q"), ChannelWorkflows, "job:1", "job:1"} {
		sub, err := c.newSubscription(channel, nil)
		if err == nil {
			err = c.registry.add(sub)
		}
		if err != nil {
			t.Fatal(err)
		}
		sub.until = func(*Event) bool { consume(); return false }
		subs = append(subs, sub)
	}
	want := Event{Type: EventJobStarted, Time: time.Unix(1, 0), Topic: "job:1", Data: []byte(`{"queue":"q"}`)}
	sent := want
	c.registry.dispatch([]arrival{{event: &sent, slab: new(slab)}}, time.Now())
	consume()
	for _, sub := range subs {
		if sub.Channel == ChannelWorkflows {
			if ev, is := got[sub]; is {
				t.Errorf("%s got %+v", sub.Channel, ev)
			}
			continue
		}
		if diff := cmp.Diff(want, got[sub], cmpopts.IgnoreUnexported(Event{})); diff != "" {
			t.Errorf("%s: %s", sub.Channel, diff)
		}
	}
}
