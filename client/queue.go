package client

import (
	"sync"
	"time"
)

// The default bounds of a subscription's queue.
const (
	queueEvents = 1024
	queueBytes  = 8 << 20
	// eventOverhead is what an event and its place in a queue weigh besides what the event refers to, in bytes.
	eventOverhead = 256
)

// Overflow is what happens to an event that a subscription's queue has no room for.
type Overflow int

// The overflow policies. Whatever is dropped is announced by a [Gap] where it would have stood.
const (
	OverflowDropOldest Overflow = iota // the oldest make room; the default
	OverflowDropNewest                 // it is dropped
	OverflowFail                       // the subscription ends with ErrOverflow after what is queued
)

// queue holds a subscription's events until they are pulled: bounded, in order, with what is missing in its place. The
// session's reader pushes and never waits; one consumer pulls.
type queue struct {
	maxEvents, maxBytes int
	policy              Overflow
	wake                chan struct{} // holds one token when there may be something to pull

	mu      sync.Mutex
	entries []entry // from first on
	first   int
	bytes   int
	tail    gaps   // after the last entry
	held    *Event // pulled, but not delivered yet
	dropped uint64
	over    bool
	err     error         // why, nil if in order
	emptied chan struct{} // closed when nothing is left after the end, because it was pulled or given up
}

// entry is an event and what was missed before it.
type entry struct {
	missed gaps
	event  *Event
	at     time.Time // when it came
	weight int       // of the event
}

// push queues an event that came at this time and returns how many were dropped for it. It returns ErrOverflow if the queue was full
// and the policy is to fail. The last event of a subscription always has room.
func (q *queue) push(ev *Event, at time.Time, last bool) (dropped int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return 0, nil
	}
	e := entry{event: ev, at: at, weight: ev.weight()}
	for !last && q.isFull(e.weight) {
		switch q.policy {
		case OverflowFail:
			return dropped, ErrOverflow
		case OverflowDropNewest:
			q.miss(&q.tail, at)
			return dropped + 1, nil
		default:
			q.dropOldest()
			dropped++
		}
	}
	e.missed, q.tail = q.tail, nil
	q.entries = append(q.entries, e)
	q.bytes += e.weight
	q.signal()
	return dropped, nil
}

// isFull reports whether an event of this weight has no room. A queue that is empty has room for any.
func (q *queue) isFull(weight int) bool {
	n := len(q.entries) - q.first
	return n > 0 && (n >= q.maxEvents || q.bytes+weight > q.maxBytes)
}

// dropOldest leaves a gap in the oldest event's place, one with those that stand there already.
func (q *queue) dropOldest() {
	e := q.pop()
	where := &q.tail
	if q.first < len(q.entries) {
		where = &q.entries[q.first].missed
	}
	before := e.missed
	q.miss(&before, e.at)
	before.merge(*where)
	*where = before
}

// miss counts a dropped event, which had come at this time, in a set of gaps.
func (q *queue) miss(where *gaps, at time.Time) {
	where.add(&gap{Gap: Gap{Cause: GapOverflow, From: at, To: at, Count: 1}})
	q.dropped++
}

func (q *queue) pop() entry {
	e := q.entries[q.first]
	q.entries[q.first] = entry{}
	q.first++
	q.bytes -= e.weight
	switch {
	case q.first == len(q.entries):
		q.entries, q.first = q.entries[:0], 0
	case q.first >= 64 && q.first > len(q.entries)/2:
		n := copy(q.entries, q.entries[q.first:])
		clear(q.entries[n:])
		q.entries, q.first = q.entries[:n], 0
	}
	return e
}

// open begins a gap at the queue's end. What comes after it waits until it is settled.
func (q *queue) open(cause GapCause, from time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.over {
		q.tail.add(&gap{Gap: Gap{Cause: cause, From: from, To: from}, open: true})
	}
}

// lack puts a gap that is over at the queue's end.
func (q *queue) lack(g Gap) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.over {
		q.tail.add(&gap{Gap: g})
		q.signal()
	}
}

// settle ends the open gaps of a cause and reports whether there were any.
func (q *queue) settle(cause GapCause, at time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.settleLocked(cause, at)
}

func (q *queue) settleLocked(cause GapCause, at time.Time) bool {
	some := q.tail.settle(cause, at)
	for i := range q.entries[q.first:] {
		if missed := q.entries[q.first+i].missed; len(missed) > 0 {
			some = missed.settle(cause, at) || some
		}
	}
	if some {
		q.signal()
	}
	return some
}

// end lets the consumer have what is queued and then err, io.EOF if that is nil. The first end counts.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return
	}
	q.over, q.err = true, err
	q.settleLocked("", time.Now())
	q.checkEmptied()
	q.signal()
}

// discard gives up what is queued. The queue has to have ended.
func (q *queue) discard() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries, q.first, q.bytes, q.tail, q.held = nil, 0, 0, nil, nil
	q.checkEmptied()
}

// isEmptied reports whether the queue has ended and the consumer has had everything.
func (q *queue) isEmptied() bool {
	select {
	case <-q.emptied:
		return true
	default:
		return false
	}
}

// checkEmptied tells a drain when the consumer has had everything.
func (q *queue) checkEmptied() {
	if q.over && q.first == len(q.entries) && len(q.tail) == 0 && q.held == nil && !q.isEmptied() {
		close(q.emptied)
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
