package client

import (
	"context"
	"time"
)

// This file decides which candidate a sought run is: the one whose record has its key, or the one
// that the reply names.

// read reads a candidate's record, once, and decides by it. ctx ends when it is no candidate any
// more.
func (s *search) read(ctx context.Context, cand *candidate) {
	f := newFollower(s.r.c, s.r.c.run("identify run", runRead, cand.id))
	err := f.first(ctx)
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	cand.cancel()
	if err != nil || s.candidates[WorkflowChannel(cand.id)] != cand || f.record.ParentRunID != "" {
		return // the reply decides. A run that another one started is nobody's.
	}
	for _, run := range s.sought[cand.name] {
		if run.key.member != "" && run.mark < cand.number && run.key.is(f.record.Input) {
			cand.matches = append(cand.matches, run)
			run.matches = append(run.matches, cand)
		}
	}
	s.decide(cand)
}

// decide makes a candidate known if its key is that of one run, and of no other candidate.
func (s *search) decide(cand *candidate) {
	if len(cand.matches) != 1 || s.candidates[WorkflowChannel(cand.id)] != cand {
		return
	}
	if run := cand.matches[0]; len(run.matches) == 1 {
		s.identify(run, cand.id)
	}
}

// identify makes a run known, gives it a subscription of its own with the events that were kept,
// and ends its search.
func (s *search) identify(run *Run, id string) {
	topic := WorkflowChannel(id)
	cand := s.candidates[topic]
	run.id = id
	switch {
	case run.unseen != nil:
	case run.via.isEnded() && run.via.Err() != nil:
		run.unseen = run.via.Err()
	default:
		run.sub = s.subscription(run, topic, cand)
	}
	var doubted []*Run
	if cand != nil {
		doubted = cand.matches
		s.drop(cand)
	}
	s.leave(run)
	close(run.known)
	for _, other := range doubted { // cand is not theirs
		if other != run && other.id == "" && len(other.matches) == 1 {
			s.decide(other.matches[0])
		}
	}
}

// subscription makes the subscription of a run that is known.
func (s *search) subscription(run *Run, topic string, cand *candidate) *Subscription {
	r := s.r
	sub, err := r.c.newSubscription(topic, nil)
	if err != nil {
		run.unseen = err
		return nil
	}
	sub.own = true
	sub.until = func(ev *Event) bool { return ev.Topic == topic && isRunEnd(ev.Type) }
	// Confirmed, since its events come by the shared subscription: an outage is a gap from now on.
	sub.confirm.Do(func() { close(sub.confirmed) })
	if s.hand(run, sub, cand) {
		sub.finish(nil)
		return sub
	}
	if err := r.addLocked(sub); err != nil {
		if r.c.ctx.Err() != nil {
			err = r.c.status.err()
		}
		if err == ErrClosed { //nolint:errorlint // by Close, and not for a cause
			err = nil
		}
		sub.finish(err)
		return sub
	}
	if r.channels[topic].live { // by another subscription; no confirmation will come
		sub.closeGap(GapReconnect, time.Now())
	}
	return sub
}

// hand gives a subscription what was kept of its run, and gaps for what was not. It reports whether
// the last event is among it.
func (s *search) hand(run *Run, sub *Subscription, cand *candidate) (ended bool) {
	shared, q, now := &run.via.queue, &sub.queue, time.Now()
	shared.mu.Lock()
	found, rest := shared.extract(WorkflowChannel(run.id), run.put)
	shared.mu.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	if cand != nil && cand.kept > len(found) {
		q.tail.add(&gap{Gap: Gap{Cause: GapOverflow, From: cand.at, To: now, Count: cand.kept - len(found)}})
	}
	for _, e := range found {
		q.tail.merge(e.missed)
		ended = sub.until(e.event)
		_, _ = q.pushLocked(e.arrival, e.at, ended) // the policy is to drop the oldest
		if ended {
			return true
		}
	}
	if cand == nil { // nothing that came after the gaps was kept
		for _, g := range rest {
			g.To = now
		}
	}
	if cand == nil && run.forgot {
		rest.add(&gap{Gap: Gap{Cause: GapOverflow, From: run.put, To: now}})
	}
	q.tail.merge(rest)
	return false
}

// confirm compares the id of the reply with what is known of a run, and makes it known if it is
// not. It returns an error if they differ.
func (s *search) confirm(run *Run, id string) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	switch run.id {
	case "":
		s.identify(run, id)
		return nil
	case id:
		return nil
	}
	err := &RunMismatchError{Member: run.key.member, Found: run.id, RunID: id}
	run.unseen = err
	if run.sub != nil {
		s.r.release(run.sub, err)
		run.sub.queue.discard()
	}
	return err
}

// fail ends the search for a run whose request has failed, once.
func (s *search) fail(run *Run) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if run.id == "" {
		s.leave(run)
		close(run.known)
	}
}
