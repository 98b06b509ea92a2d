package client

import (
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// This file is where all events of a session enter: each costs a credit and goes to the registry.

// event spends a credit on an event and takes it to its subscribers.
func (s *session) event(fr *wire.View) {
	if s.events == nil {
		s.counters.strays.Add(1)
		return
	}
	s.spend()
	s.events.dispatch(fr, s.message)
	s.spent()
}

// eventTooLarge is event for one of which nothing is known but its channel, if that.
func (s *session) eventTooLarge(channel string) {
	if s.events == nil {
		s.counters.strays.Add(1)
		return
	}
	s.spend()
	s.events.missed(channel, time.Now())
	s.spent()
}
