package devserver

import "sync"

// subscriber is the end of a connection that events are queued for. Its queue is
// bounded: what does not fit is dropped, as is what has no credit.
type subscriber struct {
	// Of the broker, under its lock.
	credits int64
	seen    int64 // the number of the last event offered

	enforced bool // whether credits count
	limit    int  // events, 0 for none

	mu      sync.Mutex
	queue   []*event
	waiting int // events queued or taken and not yet written
	drops   Drops
	wake    chan struct{} // one slot: the queue is not empty
}

// Drops counts the events that were dropped without cancelRunning the client.
type Drops struct {
	Credits int // for want of credits
	Queue   int // because too many were waiting
}

func (d *Drops) add(more Drops) {
	d.Credits += more.Credits
	d.Queue += more.Queue
}

func newSubscriber(cfg *config) *subscriber {
	return &subscriber{credits: cfg.credits, enforced: cfg.enforced, limit: cfg.sendQueue, wake: make(chan struct{}, 1)}
}

// offer queues an event or drops it. The broker's lock is held.
func (s *subscriber) offer(ev *event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.enforced && s.credits <= 0:
		s.drops.Credits++
		return
	case s.limit > 0 && s.waiting >= s.limit:
		s.drops.Queue++
		return
	}
	s.credits--
	s.waiting++
	s.queue = append(s.queue, ev)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take returns what is queued, oldest first. Whoever takes says with written when
// the events wait no longer.
func (s *subscriber) take() []*event {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.queue
	s.queue = nil
	return queue
}

func (s *subscriber) written(events int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting -= events
}

func (s *subscriber) dropped() Drops {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drops
}
