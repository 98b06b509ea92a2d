package client

import (
	"context"
	"io"
)

// The consumer's side of a queue. One consumer at a time may wait: Next while it finds nothing, or
// the goroutine behind Events for as long as it runs.

// next pulls the next event, and waits for it until ctx ends. While another consumer waits, it
// returns ErrConcurrentNext.
func (q *queue) next(ctx context.Context) (*Event, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	if ev, err := q.pullOrOccupy(); ev != nil || err != nil {
		return ev, err
	}
	defer q.vacate()
	return q.await(ctx, false)
}

// pullOrOccupy makes the caller the consumer that waits if there is nothing to pull.
func (q *queue) pullOrOccupy() (*Event, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken {
		return nil, ErrConcurrentNext
	}
	ev, err := q.pullLocked(false)
	q.taken = ev == nil && err == nil
	return ev, err
}

// occupy waits until no other consumer waits, and makes the caller the one that does. It returns
// false if ctx ends first.
func (q *queue) occupy(ctx context.Context) bool {
	for {
		q.mu.Lock()
		taken := q.taken
		q.taken = true
		q.mu.Unlock()
		if !taken {
			return true
		}
		select {
		case <-q.vacant:
		case <-ctx.Done():
			return false
		}
	}
}

// vacate ends what occupy or pullOrOccupy began.
func (q *queue) vacate() {
	q.mu.Lock()
	q.taken = false
	q.mu.Unlock()
	post(q.vacant)
}

// await pulls the next event for the consumer that has occupied the queue, and waits for it until
// ctx ends. With hold, the event remains the next one until delivered is called.
func (q *queue) await(ctx context.Context, hold bool) (*Event, error) {
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

// pull returns the next event if there is one, and the error of the end if nothing is left.
func (q *queue) pull(hold bool) (*Event, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.pullLocked(hold)
}

func (q *queue) pullLocked(hold bool) (*Event, error) {
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
	case !q.ended:
		q.waiting = true
		return nil, nil
	case q.err != nil:
		return nil, q.err
	}
	return nil, io.EOF
}

// delivered drops the event that is held.
func (q *queue) delivered() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = nil
	q.checkEmptied()
}
