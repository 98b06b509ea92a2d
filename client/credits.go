package client

import (
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

const (
	// firstCredits is what a server grants a connection by itself.
	firstCredits = 1000
	// maxReorder is how many events may arrive after a reply although their credits were spent
	// before it: servers write events independently, and queue that many for a connection.
	maxReorder = 256
)

// ledger counts the credits that the server has left for a session. Only the session's reader uses
// it.
//
// The server spends a credit for each event, and drops events without a sign when there is none.
// The client therefore grants early and many. A grant counts once the server must have handled it.
// Servers handle frames in order, so a reply to any later request proves that. When the count could
// have reached zero, subscriptions get a gap.
//
// A reply may overtake events. If a grant is confirmed while few credits are left, all of them may
// have been spent before the grant arrived, and events lost after that. This is recorded as an
// uncertainty about the event that spends the last of these credits.
type ledger struct {
	spent       int64 // credits spent since the session began
	balance     int64 // what was certainly granted, minus what was spent
	promised    int64 // balance and the grants under way
	underWay    []grant
	granted     time.Time // when the latest confirmed grant was made
	low         time.Time // when so few were left that a grant might have come too late
	uncertainAt []uncertainty
	empty       bool // the balance has reached zero, and no later grant is confirmed
}

// uncertainty is a point where the server may have had no credits.
type uncertainty struct {
	spent int64     // the value of ledger.spent at that point
	since time.Time // when the server last had credits
}

type grant struct {
	number uint64 // of its frame in the outbox
	amount int64
	made   time.Time
}

// startCredits makes the first grant. It is put before any other frame, so that the server handles
// it before any subscription.
func (s *session) startCredits() {
	s.ledger = ledger{balance: firstCredits, promised: firstCredits, granted: time.Now()}
	s.grant()
}

// grant grants credits and reports whether it did: not if the session is ending, and not while its
// peer does not read.
func (s *session) grant() bool {
	if s.out.crowded() != nil {
		return false
	}
	l := &s.ledger
	g := grant{amount: int64(s.cfg.credits), made: time.Now()}
	fr := wire.Frame{Type: wire.TypeEvent, Credits: uint32(s.cfg.credits), TS: g.made}
	var number atomic.Uint64
	if err := s.out.putOwn(&fr, s.ids.Next(), &number); err != nil {
		return false
	}
	g.number = number.Load()
	l.underWay = append(l.underWay, g)
	l.promised += g.amount
	return true
}

// spend counts the credit of an event that was received. Before that, it reports what the count
// shows about the time before the event.
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

// spent grants further credits in time, and reports to subscribers if the server may have none left
// after the event.
func (s *session) spent() {
	l := &s.ledger
	if l.promised <= int64(s.cfg.credits)/2 && s.grant() {
		s.ping() // the pong proves that the grant was handled
	}
	if l.balance == 0 {
		l.empty = true
		s.creditsSpent(l.lastKnownPositive())
	}
	if len(l.uncertainAt) > 0 && l.uncertainAt[0].spent == l.spent {
		s.creditsSpent(l.uncertainAt[0].since)
		l.uncertainAt = append(l.uncertainAt[:0], l.uncertainAt[1:]...)
		s.events.creditsBack(time.Now())
	}
}

// confirm counts the grants that precede a request which was answered.
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

// lastKnownPositive returns the last time when the server is known to have had credits.
func (l *ledger) lastKnownPositive() time.Time {
	if l.low.After(l.granted) {
		return l.low
	}
	return l.granted
}

// confirm counts the first n grants.
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
