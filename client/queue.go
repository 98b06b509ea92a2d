package client

import (
	"sync"
	"time"
)

// The default bounds of a subscription's queue.
const (
	queueEvents = 1024
	queueBytes  = 8 << 20
	// eventOverhead is what an event and its place in a queue weigh besides what the event refers
	// to, in bytes.
	eventOverhead = 256
	// slabQueueBytes is from which bound in bytes on a queue takes events in slabs.
	slabQueueBytes = 16 * slabBytes
)

// Overflow is what a subscription does with an event that its queue has no room for; see
// [WithOverflow]. The zero value is OverflowDropOldest.
type Overflow int

// The overflow policies. A [Gap] takes the place of what is dropped.
const (
	OverflowDropOldest Overflow = iota // drop the oldest events to make room; the default
	OverflowDropNewest                 // drop the new event
	// OverflowFail: end the subscription. After the queued events, Next returns ErrOverflow.
	OverflowFail
)

// queue holds a subscription's events until its consumer takes them: bounded, in order, with gaps
// in the place of what is missing. The session's reader pushes and never waits. One consumer pulls.
type queue struct {
	maxEvents, maxBytes int
	policy              Overflow
	wake                chan struct{} // holds one token when there may be something to pull
	vacant              chan struct{} // holds one token when a consumer has gone that waited

	mu      sync.Mutex
	entries []entry // from first on
	first   int
	// What the entries keep alive: each its own weight, and of entries that follow one another in
	// one slab the first the slab.
	bytes   int
	tail    gaps   // after the last entry
	held    *Event // pulled, but not delivered yet
	taken   bool   // a consumer waits, or feeds Subscription.Events
	waiting bool   // a consumer has found nothing and wants to be woken
	dropped uint64
	ended   bool
	err     error // the cause of the end; nil if in order
	// emptied is closed when the queue has ended and nothing is left in it.
	emptied chan struct{}
}

// entry is an event and the gaps before it.
type entry struct {
	arrival
	missed gaps
	at     time.Time // when it was received
}

// push is pushLocked with the lock taken, where drops are not counted.
func (q *queue) push(a arrival, at time.Time, last bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, err := q.pushLocked(a, at, last)
	return err
}

// pushLocked queues an event that was received at this time, and returns how many events were
// dropped for it. It returns ErrOverflow if the queue is full and the policy is OverflowFail. The
// last event of a subscription always has room.
func (q *queue) pushLocked(a arrival, at time.Time, last bool) (dropped int, err error) {
	if q.ended {
		return 0, nil
	}
	if a.slab != nil && q.maxBytes < slabQueueBytes {
		a = a.alone()
	}
	for !last && q.isFull(&a) {
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
	q.bytes += q.added(&a)
	q.entries = append(q.entries, entry{arrival: a, missed: q.tail, at: at})
	q.tail = nil
	q.signal()
	return dropped, nil
}

// isFull reports whether an event has no room. An empty queue has room for any event.
func (q *queue) isFull(a *arrival) bool {
	n := len(q.entries) - q.first
	return n > 0 && (n >= q.maxEvents || q.bytes+q.added(a) > q.maxBytes)
}

// added returns how many more bytes the queue would keep in memory with another event.
func (q *queue) added(a *arrival) int {
	if a.slab == nil || q.first < len(q.entries) && q.entries[len(q.entries)-1].slab == a.slab {
		return a.weight
	}
	return a.weight + slabBytes
}

// dropOldest replaces the oldest event with a gap, which it merges with the gaps around it.
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

// miss counts a dropped event, which was received at this time, in a set of gaps.
func (q *queue) miss(where *gaps, at time.Time) {
	where.add(&gap{Gap: Gap{Cause: GapOverflow, From: at, To: at, Count: 1}})
	q.dropped++
}

func (q *queue) pop() entry {
	e := q.entries[q.first]
	q.entries[q.first] = entry{}
	q.first++
	q.bytes -= e.weight
	if e.slab != nil && (q.first == len(q.entries) || q.entries[q.first].slab != e.slab) {
		q.bytes -= slabBytes
	}
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

// shift removes and returns the next event or gap. It returns nil if there is none, or if the next
// one is an open gap.
func (q *queue) shift() *Event {
	missed := &q.tail
	some := q.first < len(q.entries)
	if some {
		missed = &q.entries[q.first].missed
	}
	switch {
	case missed.isOpen():
		return nil
	case len(*missed) > 0:
		return missed.shift()
	case some:
		return q.pop().event
	}
	return nil
}

// left returns how many events are still to be delivered.
func (q *queue) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.entries) - q.first
	if q.held != nil {
		n++
	}
	return n
}

// end ends the queue: once it is empty, next returns err, or io.EOF for nil. Only the first call
// has an effect.
func (q *queue) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return
	}
	q.ended, q.err = true, err
	q.settleLocked("", time.Now())
	q.checkEmptied()
	q.signal()
}

// discard drops everything that is queued. The queue must have ended.
func (q *queue) discard() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries, q.first, q.bytes, q.tail, q.held = nil, 0, 0, nil, nil
	q.checkEmptied()
}

// isEmptied reports whether the queue has ended and nothing is left in it.
func (q *queue) isEmptied() bool {
	select {
	case <-q.emptied:
		return true
	default:
		return false
	}
}

// checkEmptied closes emptied, for which a drain waits, if the queue has ended and nothing is left
// in it.
func (q *queue) checkEmptied() {
	if q.ended && q.first == len(q.entries) && len(q.tail) == 0 && q.held == nil && !q.isEmptied() {
		close(q.emptied)
	}
}

// signal wakes the consumer if it waits.
func (q *queue) signal() {
	if q.waiting {
		q.waiting = false
		post(q.wake)
	}
}
