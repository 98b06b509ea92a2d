package client

import (
	"slices"
	"time"
)

// gap is a Gap that may still be growing. While it is open, the events after it wait.
type gap struct {
	Gap
	open bool
}

// gaps is what was missed between two events, at most one gap for each cause.
type gaps []*gap

// add merges a gap into the set and returns the gap of that cause in the set.
func (s *gaps) add(g *gap) {
	for _, mine := range *s {
		if mine.Cause == g.Cause {
			if g.From.Before(mine.From) {
				mine.From = g.From
			}
			if g.To.After(mine.To) {
				mine.To = g.To
			}
			mine.Count += g.Count
			mine.open = mine.open || g.open
			return
		}
	}
	*s = append(*s, g)
}

// merge adds a whole set.
func (s *gaps) merge(other gaps) {
	for _, g := range other {
		s.add(g)
	}
}

// close closes the open gaps of a cause, and of all causes if it is empty. It reports whether there
// were any.
func (s gaps) close(cause GapCause, at time.Time) (some bool) {
	for _, g := range s {
		if g.open && (cause == "" || g.Cause == cause) {
			g.open, g.To, some = false, at, true
		}
	}
	return some
}

func (s gaps) isOpen() bool { return slices.ContainsFunc(s, func(g *gap) bool { return g.open }) }

// shift removes and returns the earliest gap as an event.
func (s *gaps) shift() *Event {
	first := 0
	for i, g := range *s {
		if g.From.Before((*s)[first].From) {
			first = i
		}
	}
	g := (*s)[first].Gap
	if *s = slices.Delete(*s, first, first+1); len(*s) == 0 {
		*s = nil
	}
	return &Event{Type: EventGap, Time: g.To, Synthetic: true, gap: &g}
}

// openGap begins a gap at the end of the queue. Events after it wait until it is closed.
func (q *queue) openGap(cause GapCause, from time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.ended {
		q.tail.add(&gap{Gap: Gap{Cause: cause, From: from, To: from}, open: true})
	}
}

// lack adds a closed gap at the end of the queue.
func (q *queue) lack(g Gap) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.ended {
		q.tail.add(&gap{Gap: g})
		q.signal()
	}
}

// closeGap closes the open gaps of a cause and reports whether there were any.
func (q *queue) closeGap(cause GapCause, at time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.settleLocked(cause, at)
}

func (q *queue) settleLocked(cause GapCause, at time.Time) bool {
	some := q.tail.close(cause, at)
	for i := range q.entries[q.first:] {
		if missed := q.entries[q.first+i].missed; len(missed) > 0 {
			some = missed.close(cause, at) || some
		}
	}
	if some {
		q.signal()
	}
	return some
}
