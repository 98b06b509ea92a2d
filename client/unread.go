package client

import (
	"slices"
	"weak"
)

// unread holds the subscriptions that ended with queued events, which a drain waits for. It holds
// them weakly: a queue that is otherwise unreachable can never be read, and its entry is removed at
// the next sweep.
type unread struct {
	subs  []weak.Pointer[Subscription]
	sweep int // the length at which to sweep
}

// sweepFrom is the smallest length at which unread is swept.
const sweepFrom = 64

// add adds a subscription that has ended, unless its queue is empty.
func (u *unread) add(sub *Subscription) {
	if sub.queue.isEmptied() {
		return
	}
	if len(u.subs) >= u.sweep {
		u.subs = slices.DeleteFunc(u.subs, func(p weak.Pointer[Subscription]) bool {
			sub := p.Value()
			return sub == nil || sub.queue.isEmptied()
		})
		u.sweep = max(sweepFrom, 2*len(u.subs))
	}
	u.subs = append(u.subs, weak.Make(sub))
}

// appendTo appends the subscriptions that still have queued events.
func (u *unread) appendTo(subs []*Subscription) []*Subscription {
	for _, p := range u.subs {
		if sub := p.Value(); sub != nil && !sub.queue.isEmptied() {
			subs = append(subs, sub)
		}
	}
	return subs
}
