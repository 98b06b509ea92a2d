package client

import (
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

const (
	// firstCredits is what a server grants a connection by itself.
	firstCredits = 1000
	// maxReorder is how many events, paid for before, may come after an answer: servers write them
	// independently, and keep so many of them waiting for a connection.
	maxReorder = 256
)

// ledger follows the credits that the server has left for a session. Only the session's reader uses
// it.
//
// The server takes one for each event and, when there are none, loses events without a word. So the
// client grants early and much, and a grant counts from when it must have been handled: the server
// handles frames one after another, so any answer to a later request proves it. Where the count
// could have reached zero, subscribers are told.
//
// The answer may overtake events. So when a grant is confirmed while little is left, all of that
// may have been spent before the grant came, and events lost right after: there is a doubt about
// the event that spends the last of it.
type ledger struct {
	spent       int64 // credits, since the session began
	balance     int64 // what is certain to have been granted, less what was spent
	promised    int64 // balance and the grants under way
	underWay    []grant
	granted     time.Time // when the latest grant that counts was made
	low         time.Time // when so little was left that a grant might have come too late
	uncertainAt []uncertainty
	empty       bool // the balance has reached zero, and nothing shows that there is more
}

// uncertainty is a moment when nothing may have been left.
type uncertainty struct {
	spent int64     // what was spent then
	since time.Time // when there still was something
}

type grant struct {
	number uint64 // of its frame in the outbox
	amount int64
	made   time.Time
}

// open makes the first grant. It is put before anything else, so that it is handled before any
// subscription is.
func (s *session) startCredits() {
	s.ledger = ledger{balance: firstCredits, promised: firstCredits, granted: time.Now()}
	s.grant()
}

// grant reports whether it was put: not if the session is ending, or while its peer does not read.
func (s *session) grant() bool {
	if s.out.crowded() != nil {
		return false
	}
	l := &s.ledger
	g := grant{amount: int64(s.cfg.credits), made: time.Now()}
	fr := wire.Frame{Type: wire.TypeEvent, Credits: uint32(s.cfg.credits), TS: g.made}
	var number atomic.Uint64
	if err := s.out.putOwn(&fr, s.ids, s.ids.Next(), &number); err != nil {
		return false
	}
	g.number = number.Load()
	l.underWay = append(l.underWay, g)
	l.promised += g.amount
	return true
}

// spend takes the credit for an event that has come. What the count says about the time before it
// is told first.
func (s *session) spend() {
	l := &s.ledger
	if l.empty {
		// An event beyond what was certain: the next grant must have been handled.
		if len(l.underWay) > 0 {
			l.confirm(1)
		}
		l.empty = false
		s.events.creditsBack(time.Now())
	}
	l.spent++
	l.balance--
	l.promised--
	if l.balance == maxReorder {
		l.low = time.Now()
	}
	s.counters.events.Add(1)
}

// spent grants more in time, and tells subscribers if the server may have none left after the
// event.
func (s *session) spent() {
	l := &s.ledger
	if l.promised <= int64(s.cfg.credits)/2 && s.grant() {
		s.ping() // whose pong proves that the grant has been handled
	}
	if l.balance == 0 {
		l.empty = true
		s.events.creditsSpent(l.lastKnownPositive())
	}
	if len(l.uncertainAt) > 0 && l.uncertainAt[0].spent == l.spent {
		s.events.creditsSpent(l.uncertainAt[0].since)
		l.uncertainAt = append(l.uncertainAt[:0], l.uncertainAt[1:]...)
		s.events.creditsBack(time.Now())
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
	l.confirm(n)
	if l.empty && l.balance > 0 {
		l.empty = false
		s.events.creditsBack(time.Now())
	}
}

// lastKnownPositive is the last time that the server is known to have had credits.
func (l *ledger) lastKnownPositive() time.Time {
	if l.low.After(l.granted) {
		return l.low
	}
	return l.granted
}

// confirm counts the first grants.
func (l *ledger) confirm(n int) {
	for _, g := range l.underWay[:n] {
		if 0 < l.balance && l.balance <= maxReorder {
			l.uncertainAt = append(l.uncertainAt, uncertainty{spent: l.spent + l.balance, since: l.lastKnownPositive()})
		}
		l.balance += g.amount
		l.granted = g.made
	}
	l.underWay = append(l.underWay[:0], l.underWay[n:]...)
}
