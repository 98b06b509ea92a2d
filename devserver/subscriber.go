package devserver

import "sync"

// subscriber is a connection's queue of events. It is bounded: an event that does not fit is
// dropped, and so is one without a credit.
type subscriber struct {
	// Guarded by the broker's lock.
	credits int64
	seen    int64 // the number of the last event offered

	enforced bool // whether credits count
	limit    int  // events, 0 for none

	mu      sync.Mutex
	queue   []*event
	waiting int // events that are queued, or taken and not yet written
	drops   Drops
	wake    chan struct{} // one slot: the queue is not empty
}

// Drops counts events that the server dropped without notice to the client.
type Drops struct {
	Credits int // because the connection had no credits
	Queue   int // because the queue was full
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

// take empties the queue and returns its events, oldest first. The caller calls written when they
// no longer count as waiting.
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
