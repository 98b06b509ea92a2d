package client

import (
	"slices"
	"weak"
)

// unread is the subscriptions that ended with something queued, which a drain waits for. It keeps
// none of them alive: a queue that nobody can read any more is garbage, and so is its place here
// from the next sweep on.
type unread struct {
	subs  []weak.Pointer[Subscription]
	sweep int // when there are so many
}

// sweepFrom is from how many on unread is swept.
const sweepFrom = 64

// add remembers a subscription that has ended.
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

// appendTo appends those that are still unread.
func (u *unread) appendTo(subs []*Subscription) []*Subscription {
	for _, p := range u.subs {
		if sub := p.Value(); sub != nil && !sub.queue.isEmptied() {
			subs = append(subs, sub)
		}
	}
	return subs
}
