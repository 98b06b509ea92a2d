package client

import (
	"runtime"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// This file is where all events of a session enter. Each costs a credit and goes to the registry.
// The events of one read go there together, and before anything that comes after them: frames of
// other types, gaps and the session's end.

// mostArrived is how many events are handed over together, at most.
const mostArrived = 64

// event spends a credit on an event and adds it to the inbox.
func (s *session) event(fr *wire.View) {
	if s.events == nil {
		s.counters.strays.Add(1)
		return
	}
	s.spend()
	s.inbox.add(fr, s.message)
	s.spent()
	if len(s.inbox.arrived) >= mostArrived {
		s.handOver()
	}
}

// handOver dispatches the events of the inbox to the subscriptions, and reports whether there were
// any.
func (s *session) handOver() bool {
	if len(s.inbox.arrived) == 0 {
		return false
	}
	s.events.dispatch(s.inbox.arrived, s.in.lastHeard())
	clear(s.inbox.arrived)
	s.inbox.arrived = s.inbox.arrived[:0]
	return true
}

// beforeRead hands over the inbox, since the next read may block, and lets consumers run.
func (s *session) beforeRead() {
	if s.handOver() {
		runtime.Gosched()
	}
}

// eventTooLarge is event for an event that was too large, of which at most the channel is known.
// The inbox has been handed over.
func (s *session) eventTooLarge(channel string) {
	if s.events == nil {
		s.counters.strays.Add(1)
		return
	}
	s.spend()
	s.events.missed(channel, time.Now())
	s.spent()
}

// creditsSpent reports that the server may have dropped events after those that were received. It
// leaves the inbox empty, and so it is when the server has credits again.
func (s *session) creditsSpent(since time.Time) {
	s.handOver()
	s.events.creditsSpent(since)
}
