package client

import (
	"context"
	"io"
)

// next pulls the next event, waiting until ctx ends. One that is to be held stays the next one until it is delivered.
func (q *queue) next(ctx context.Context, hold bool) (*Event, error) {
	for {
		if err := ended(ctx); err != nil {
			return nil, err
		}
		if ev, err := q.pull(hold); ev != nil || err != nil {
			return ev, err
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
		}
	}
}

// pull returns the next event if it is there, and the end if nothing is left.
func (q *queue) pull(hold bool) (*Event, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	ev := q.held
	if q.held = nil; ev == nil {
		ev = q.shift()
	}
	switch {
	case ev != nil && hold:
		q.held = ev
		return ev, nil
	case ev != nil:
		q.checkEmptied()
		return ev, nil
	case !q.over:
		return nil, nil
	case q.err != nil:
		return nil, q.err
	}
	return nil, io.EOF
}

// shift removes and returns the next event, nil if there is none or an open gap stands before it.
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

// delivered lets go of the event that is held.
func (q *queue) delivered() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = nil
	q.checkEmptied()
}

// left is how many events are still to be delivered.
func (q *queue) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.entries) - q.first
	if q.held != nil {
		n++
	}
	return n
}
