package devserver

import (
	"encoding/json"
	"slices"
)

// inbox holds the events of workflow.event that no run has received yet, and the runs that wait for
// one. Each event goes to one run. The engine's lock guards it.
type inbox struct {
	keep    int // how many events, 0 for all
	events  []published
	waiters []*waiter
}

// published is an event that no run waited for.
type published struct {
	name    string
	payload json.RawMessage
}

// waiter is a run that waits for an event.
type waiter struct {
	name string
	got  chan json.RawMessage // one slot
}

// publish gives an event to the run that has waited for its name the longest, or keeps it for the
// next one.
func (b *inbox) publish(name string, payload json.RawMessage) {
	if i := slices.IndexFunc(b.waiters, func(w *waiter) bool { return w.name == name }); i >= 0 {
		b.waiters[i].got <- payload
		b.waiters = slices.Delete(b.waiters, i, i+1)
		return
	}
	b.events = append(b.events, published{name, payload})
	if b.keep > 0 && len(b.events) > b.keep {
		b.events = slices.Delete(b.events, 0, 1)
	}
}

// wait returns a waiter for an event. If one was kept, the waiter has received it already.
func (b *inbox) wait(name string) *waiter {
	w := &waiter{name, make(chan json.RawMessage, 1)}
	if i := slices.IndexFunc(b.events, func(e published) bool { return e.name == name }); i >= 0 {
		w.got <- b.events[i].payload
		b.events = slices.Delete(b.events, i, i+1)
		return w
	}
	b.waiters = append(b.waiters, w)
	return w
}

// leave removes a waiter. It may have received its event just before.
func (b *inbox) leave(w *waiter) {
	if i := slices.Index(b.waiters, w); i >= 0 {
		b.waiters = slices.Delete(b.waiters, i, i+1)
	}
}
