package client

import (
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// firstCredits is what a server grants a connection by itself.
const firstCredits = 1000

// ledger follows the credits that the server has left for a session. Only the session's reader uses it.
//
// The server takes one for each event and, when there are none, loses events without a word. So the client
// grants early and much, and a grant counts from when it must have been handled: the server handles
// frames one after another, so any answer to a later request proves it. Where the count could have reached zero,
// subscribers are told.
type ledger struct {
	balance  int64 // what is certain to have been granted, less what was spent
	promised int64 // balance and the grants under way
	underWay []grant
	empty    bool // the balance has reached zero, and nothing shows that there is more
}

type grant struct {
	number uint64 // of its frame in the outbox
	amount int64
}

// open makes the first grant. It is put before anything else, so that it is handled before any subscription is.
func (s *session) openLedger() {
	s.ledger = ledger{balance: firstCredits, promised: firstCredits}
	s.grant()
}

func (s *session) grant() {
	l := &s.ledger
	g := grant{amount: int64(s.cfg.credits)}
	fr := wire.Frame{Type: wire.TypeEvent, Credits: uint32(s.cfg.credits), TS: time.Now()}
	if err := s.out.put(&fr, s.ids, s.ids.Next(), &g.number); err != nil {
		return // the session is ending
	}
	l.underWay = append(l.underWay, g)
	l.promised += g.amount
}

// event spends a credit on an event and takes it to its subscribers.
func (s *session) event(fr *wire.Frame) {
	if s.events == nil {
		s.vitals.strays.Add(1)
		return
	}
	l := &s.ledger
	if l.empty {
		// An event beyond what was certain: the next grant must have been handled.
		if len(l.underWay) > 0 {
			l.settle(1)
		}
		l.empty = false
		s.events.creditsBack(time.Now())
	}
	l.balance--
	l.promised--
	s.vitals.events.Add(1)
	s.events.route(fr)
	if l.promised <= int64(s.cfg.credits)/2 {
		s.grant()
		s.ping() // whose pong proves that the grant has been handled
	}
	if l.balance == 0 {
		l.empty = true
		s.events.creditsSpent(time.Now())
	}
}

// confirm counts the grants that stand before a request which has been answered.
func (s *session) confirm(number uint64) {
	l := &s.ledger
	n := 0
	for n < len(l.underWay) && l.underWay[n].number < number {
		n++
	}
	if n == 0 {
		return
	}
	l.settle(n)
	if l.empty && l.balance > 0 {
		l.empty = false
		s.events.creditsBack(time.Now())
	}
}

func (l *ledger) settle(n int) {
	for _, g := range l.underWay[:n] {
		l.balance += g.amount
	}
	l.underWay = append(l.underWay[:0], l.underWay[n:]...)
}
