package client

import (
	"time"
)

// dispatch takes events, which came at this time, to every subscription that they match. It is
// called by the session's reader.
func (r *registry) dispatch(arrived []arrival, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var open opened
	defer open.close()
	for _, a := range arrived {
		matched := false
		// gets the event itself, which is its consumer's to change from then on
		var first *Subscription
		r.channels.each(a.event, func(sub *Subscription) {
			matched = true
			switch {
			case sub.keeps != nil && !sub.keeps(a.event):
			case sub.ends == nil && first == nil:
				first = sub
			case sub.ends == nil:
				r.deliver(&open, sub, a.another(), at)
			case sub.ends(a.event.Type):
				post(sub.over)
			}
		})
		if first != nil {
			r.deliver(&open, first, a, at)
		}
		if !matched {
			r.c.counters.unexpected.Add(1)
		}
	}
	if len(r.search.unread) > 0 {
		open.close()
		r.search.readCandidates()
	}
}

// deliver queues an event for a subscription, its own copy, and ends the subscription if that was
// the last it wanted or one too many.
func (r *registry) deliver(open *opened, sub *Subscription, a arrival, at time.Time) {
	last := sub.until != nil && sub.until(a.event)
	open.lock(&sub.queue)
	dropped, err := sub.queue.pushLocked(a, at, last)
	if dropped > 0 {
		r.c.counters.dropped.Add(uint64(dropped))
	}
	if err != nil || last {
		open.close()
		r.release(sub, err)
	}
}

// opened is the queue whose lock is held, so that events that go to one queue take it once.
type opened struct{ queue *queue }

func (o *opened) lock(q *queue) {
	if o.queue != q {
		o.close()
		q.mu.Lock()
		o.queue = q
	}
}

func (o *opened) close() {
	if o.queue != nil {
		o.queue.mu.Unlock()
		o.queue = nil
	}
}

// conclude ends a subscription with a last event that the client made, unless it has ended already.
func (r *registry) conclude(sub *Subscription, ev *Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.subs[sub.key] != sub {
		return
	}
	a := arrival{event: ev, weight: ev.weight()}
	_ = sub.queue.push(a, time.Now(), true) // the last event is never dropped
	r.release(sub, nil)
}

// missed adds a gap to every subscription that a discarded event may concern: by its channel, or
// all if that is empty.
func (r *registry) missed(channel string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, sub := range r.subs {
		if sub.route.mayMatch(channel) {
			sub.miss(at)
		}
	}
}

// creditsSpent opens a gap in every subscription, because the server may be dropping events.
func (r *registry) creditsSpent(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outOfCredits = true
	for _, sub := range r.subs {
		sub.queue.openGap(GapCredits, at)
	}
}

// creditsBack closes these gaps, because the server has credits again.
func (r *registry) creditsBack(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outOfCredits = false
	for _, sub := range r.subs {
		sub.closeGap(GapCredits, at)
	}
}
