package client

import (
	"runtime"
	"testing"
	"time"
	"weak"
)

// unreadSubscription is one that has ended with an event queued.
func unreadSubscription(t *testing.T) *Subscription {
	t.Helper()
	sub, err := new(Client).newSubscription(ChannelJobs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.queue.push(arrival{event: &Event{}}, time.Time{}, false); err != nil {
		t.Fatal(err)
	}
	sub.finish(nil)
	return sub
}

func TestUnreachableSubscriptionsAreGarbageCollected(t *testing.T) {
	t.Parallel()
	var u unread
	kept := unreadSubscription(t)
	u.add(kept)
	var gone []weak.Pointer[Subscription]
	for range 10 * sweepFrom {
		sub := unreadSubscription(t)
		gone = append(gone, weak.Make(sub))
		u.add(sub)
	}
	runtime.GC()
	for i, p := range gone {
		if p.Value() != nil {
			t.Fatalf("subscription %d is kept alive", i)
		}
	}
	if subs := u.appendTo(nil); len(subs) != 1 || subs[0] != kept {
		t.Errorf("%d are unread, want the one that is kept", len(subs))
	}
	u.sweep = len(u.subs)
	u.add(unreadSubscription(t))
	if len(u.subs) != 2 || u.sweep != sweepFrom {
		t.Errorf("%d after a sweep, the next at %d; want 2, %d", len(u.subs), u.sweep, sweepFrom)
	}
	runtime.KeepAlive(kept)
}

func TestUnreadForgetsWhatWasPulledOrDiscarded(t *testing.T) {
	t.Parallel()
	var u unread
	pulled, discarded := unreadSubscription(t), unreadSubscription(t)
	u.add(pulled)
	u.add(discarded)
	if subs := u.appendTo(nil); len(subs) != 2 {
		t.Errorf("%d are unread, want 2", len(subs))
	}
	if ev, err := pulled.queue.pull(false); ev == nil {
		t.Fatal(err)
	}
	discarded.queue.discard()
	if subs := u.appendTo(nil); len(subs) != 0 {
		t.Errorf("%d are unread, want none", len(subs))
	}
	u.add(pulled)
	if len(u.subs) != 2 {
		t.Error("a subscription that is emptied was noted")
	}
	u.sweep = 2
	u.add(unreadSubscription(t))
	if len(u.subs) != 1 {
		t.Errorf("%d after a sweep, want 1", len(u.subs))
	}
}
