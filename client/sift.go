package client

import "time"

// This file takes the events of one topic, or of some, out of a queue that holds those of many.

// extract removes the events of a topic and returns them, with copies of the gaps before each. The
// gaps after the last are returned as rest. Gaps that were over before since are left out, and so
// are those of dropped events, which were of any topic. The lock is held.
func (q *queue) extract(topic string, since time.Time) (found []entry, rest gaps) {
	var tail gaps
	tail.copy(q.tail, since) // before gaps of what is removed go there
	q.sift(func(e *entry) bool {
		rest.copy(e.missed, since)
		if e.event.Topic != topic {
			return true
		}
		mine := *e
		mine.missed, rest = rest, nil
		found = append(found, mine)
		return false
	})
	rest.merge(tail)
	return found, rest
}

// sift removes the entries for which keep is false. Their gaps go to the next entry that stays. The
// lock is held.
func (q *queue) sift(keep func(*entry) bool) {
	var before gaps
	entries := q.entries[q.first:]
	kept := entries[:0]
	q.bytes = 0
	for i := range entries {
		e := entries[i]
		if !keep(&e) {
			before.merge(e.missed)
			continue
		}
		before.merge(e.missed)
		e.missed, before = before, nil
		q.bytes += e.weight
		if e.slab != nil && (len(kept) == 0 || kept[len(kept)-1].slab != e.slab) {
			q.bytes += slabBytes
		}
		kept = append(kept, e)
	}
	clear(entries[len(kept):])
	before.merge(q.tail)
	q.entries, q.first, q.tail = kept, 0, before
	if len(kept) == 0 {
		q.entries = nil
	}
}

// copy adds copies of gaps that were not over before since, other than those of dropped events.
func (s *gaps) copy(from gaps, since time.Time) {
	for _, g := range from {
		if g.Cause != GapOverflow && (g.open || !g.To.Before(since)) {
			mine := *g
			s.add(&mine)
		}
	}
}
