package client

import (
	"runtime"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// This file is where all events of a session enter: each costs a credit and goes to the registry.
// Those that one read of the connection has brought go there together, before anything else does
// that is known of the session: another kind of frame, gaps, the session's end.

// mostArrived is how many events are handed over together.
const mostArrived = 64

// event spends a credit on an event that is to be taken to its subscribers.
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

// handOver takes the events that have come to their subscribers, and reports whether there were
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

// beforeRead hands over what there is, since the next read may take long, and lets consumers run.
func (s *session) beforeRead() {
	if s.handOver() {
		runtime.Gosched()
	}
}

// eventTooLarge is event for one of which nothing is known but its channel, if that.
func (s *session) eventTooLarge(channel string) {
	if s.events == nil {
		s.counters.strays.Add(1)
		return
	}
	s.spend()
	s.handOver()
	s.events.missed(channel, time.Now())
	s.spent()
}

// creditsSpent says that the server may have lost events after those that have come.
func (s *session) creditsSpent(since time.Time) {
	s.handOver()
	s.events.creditsSpent(since)
}

// creditsBack says that the server has credits again after the events that have come.
func (s *session) creditsBack() {
	s.handOver()
	s.events.creditsBack(time.Now())
}
