package client

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/wire"
)

// spending records when the credits may have been spent, by the number of events that came before.
type spending struct {
	events int
	spent  []int
	since  []time.Time
	open   bool
}

func (s *spending) dispatch(arrived []arrival, _ time.Time) { s.events += len(arrived) }
func (s *spending) missed(string, time.Time)                { s.events++ }
func (s *spending) creditsSpent(since time.Time) {
	s.spent, s.since, s.open = append(s.spent, s.events), append(s.since, since), true
}
func (s *spending) creditsBack(time.Time) { s.open = false }

// TestCreditsMayHaveBeenSpentBeforeAGrantThatWasConfirmed: an answer overtakes up to 256 events
// that wait in the server, so one that confirms a grant says nothing about whether these had spent
// all there was before.
func TestCreditsMayHaveBeenSpentBeforeAGrantThatWasConfirmed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before int   // events before the confirmation
		want   []int // after which events there is a gap
	}{
		{"plenty left", firstCredits - maxReorder - 1, nil},
		{"as much left as may overtake", firstCredits - maxReorder, []int{firstCredits}},
		{"one left", firstCredits - 1, []int{firstCredits}},
		{"none left", firstCredits, []int{firstCredits}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				conn, _ := memnet.Pipe(0)
				cfg := defaults()
				cfg.credits = 5000
				s := newSession(cfg, 1, false, conn, conn, new(counters))
				sink := new(spending)
				s.events = sink
				start := time.Now()
				s.startCredits()
				for range test.before {
					s.event(&wire.View{})
				}
				time.Sleep(time.Second)
				s.confirm(s.ledger.underWay[0].number + 1)
				for range 2 * firstCredits {
					s.event(&wire.View{})
				}
				if diff := cmp.Diff(test.want, sink.spent); diff != "" {
					t.Error(diff)
				}
				for _, since := range sink.since {
					if !since.Equal(start) {
						t.Errorf("the gap begins %v after there were credits", since.Sub(start))
					}
				}
				if sink.open {
					t.Error("the gap stays open")
				}
			})
		})
	}
}

// newSpending is a session that grants so many credits at a time, to a sink for its events.
func newSpending(credits int) (*session, *spending) {
	conn, _ := memnet.Pipe(0)
	cfg := defaults()
	cfg.credits = credits
	s, sink := newSession(cfg, 1, false, conn, conn, new(counters)), new(spending)
	s.events = sink
	s.startCredits()
	return s, sink
}

// spend has so many events come in.
func (s *spending) spend(session *session, n int) {
	for range n {
		session.event(&wire.View{})
	}
}

func TestEachUncertaintyAboutCreditsIsAGap(t *testing.T) {
	t.Parallel()
	const credits = 2000
	for name, first := range map[string]int{"after a doubt": firstCredits - 100, "after none were left": firstCredits} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sink := newSpending(credits)
			sink.spend(s, first)
			s.confirm(s.ledger.underWay[0].number + 1)
			const then = firstCredits + credits // spent before the second grant
			sink.spend(s, then-50-first)
			s.confirm(s.ledger.underWay[0].number + 1)
			sink.spend(s, 200)
			if diff := cmp.Diff([]int{firstCredits, then}, sink.spent); diff != "" {
				t.Error(diff)
			}
			if sink.open {
				t.Error("the gap stays open")
			}
		})
	}
}

func TestCreditsThatAnEventProvesAreCountedAndMayBeSpentAgain(t *testing.T) {
	t.Parallel()
	s, sink := newSpending(firstCredits)
	sink.spend(s, 3*firstCredits+1)
	if diff := cmp.Diff([]int{firstCredits, 2 * firstCredits, 3 * firstCredits}, sink.spent); diff != "" {
		t.Error(diff)
	}
}
