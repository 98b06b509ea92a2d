package client

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/xraph/dispatch/codec"
)

const (
	// searchEvents and searchBytes bound what a search keeps of the candidates' events. The oldest
	// are dropped first.
	searchEvents = 8192
	searchBytes  = 8 << 20
	// maxCandidates is how many candidates a search knows at a time. The oldest is forgotten first.
	maxCandidates = 1024
	// searchIdle is how long the subscription of a search is kept when nothing is searched.
	searchIdle = 30 * time.Second
)

// search finds the runs that the calls of RunWorkflow have started, among all runs that begin. The
// calls share one subscription to all runs, whose queue keeps the events of candidates until their
// run is known. The registry's lock guards all of it; keep is called by the session's reader.
type search struct {
	r    *registry
	sub  *Subscription // nil while nothing is searched, and after a refusal
	runs int           // that use sub: joined, and not known yet
	idle *time.Timer   // ends sub; nil before the first end of use

	// Whose requests are put and which are not known, by the names of their workflows.
	sought map[string][]*Run
	begun  uint64 // numbers the candidates
	// by topic
	candidates map[string]*candidate
	oldest     []*candidate // in their order; some of them are no candidates any more
	unread     []*candidate // whose records are to be read
}

// candidate is a run that may be one of those that are sought.
type candidate struct {
	id, name string
	number   uint64
	at       time.Time // when its first event came
	kept     int       // events that were given to the queue
	matches  []*Run    // whose key its record has
	cancel   context.CancelFunc
}

func (s *search) init(r *registry) {
	s.r = r
	s.sought = make(map[string][]*Run)
	s.candidates = make(map[string]*candidate)
}

// join makes a run use the shared subscription, which begins with the first.
func (s *search) join(run *Run) {
	r := s.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.sub != nil && s.sub.isEnded() {
		s.sub = nil
	}
	if s.idle != nil {
		s.idle.Stop()
	}
	s.runs++
	if s.sub == nil {
		sub, err := r.c.newSubscription(ChannelWorkflows, []SubscribeOption{WithBuffer(searchEvents, searchBytes)})
		if err == nil {
			sub.own, sub.keeps = true, s.keep
			err = r.addLocked(sub)
		}
		if err != nil {
			run.unseen = subscribeError(err)
			return
		}
		s.sub = sub
	}
	run.via = s.sub
}

// begin is called when the request of a run is about to be put: runs that begin from now on are its
// candidates. What may be missed of them is a gap in the queue.
func (s *search) begin(run *Run) {
	r := s.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if run.id != "" || run.via == nil || run.via.isEnded() {
		return
	}
	if len(s.sought) == 0 {
		s.clear() // of gaps
	}
	run.put, run.mark = time.Now(), s.begun
	if !slices.Contains(s.sought[run.name], run) {
		s.sought[run.name] = append(s.sought[run.name], run)
	}
	if ch := r.channels[ChannelWorkflows]; ch == nil || !ch.live {
		s.sub.queue.openGap(GapReconnect, run.put)
	}
	if r.outOfCredits {
		s.sub.queue.openGap(GapCredits, run.put)
	}
}

// keep reports whether an event is that of a candidate, which its first event makes it.
func (s *search) keep(ev *Event) bool {
	if len(s.sought) == 0 {
		return false
	}
	cand := s.candidates[ev.Topic]
	if cand == nil && ev.Type == EventWorkflowStarted {
		cand = s.consider(ev)
	}
	if cand == nil {
		return false
	}
	cand.kept++
	return true
}

// consider makes a run that begins a candidate if one of its name is sought, whose record is read
// if that can tell which. It returns nil for a run that is known.
func (s *search) consider(ev *Event) *candidate {
	id, ok := strings.CutPrefix(ev.Topic, workflowPrefix)
	name := runNameOf(ev)
	sought := s.sought[name]
	if !ok || len(sought) == 0 || s.isKnown(ev.Topic) {
		return nil
	}
	s.begun++
	topic := strings.Clone(ev.Topic) // not the slab's
	cand := &candidate{id: topic[len(topic)-len(id):], name: name, number: s.begun, at: time.Now(), cancel: func() {}}
	s.candidates[topic] = cand
	s.oldest = append(s.oldest, cand)
	if len(s.candidates) > maxCandidates {
		s.forgetOldest()
	}
	if slices.ContainsFunc(sought, func(run *Run) bool { return run.key.member != "" }) {
		s.unread = append(s.unread, cand)
	}
	return cand
}

// readCandidates has the records read of the candidates that have come.
func (s *search) readCandidates() {
	for _, cand := range s.unread {
		ctx, cancel := context.WithCancel(s.r.c.ctx)
		cand.cancel = cancel
		if !s.r.c.spawn(func() { s.read(ctx, cand) }) {
			cancel()
		}
	}
	clear(s.unread)
	s.unread = s.unread[:0]
}

// isKnown reports whether a run is that of a call, and has a subscription of its own.
func (s *search) isKnown(topic string) bool {
	ch := s.r.channels[topic]
	return ch != nil && slices.ContainsFunc(ch.subs, func(sub *Subscription) bool { return sub.own })
}

// forgetOldest forgets a candidate. Its events stay in the queue until they are sifted.
func (s *search) forgetOldest() {
	for {
		cand := s.oldest[0]
		s.oldest = s.oldest[1:]
		if s.candidates[WorkflowChannel(cand.id)] != cand {
			continue
		}
		for _, run := range s.sought[cand.name] {
			run.forgot = run.forgot || run.mark < cand.number
		}
		s.drop(cand)
		return
	}
}

// drop removes a candidate, but not its events.
func (s *search) drop(cand *candidate) {
	cand.cancel()
	delete(s.candidates, WorkflowChannel(cand.id))
	for _, run := range cand.matches {
		run.matches = slices.DeleteFunc(run.matches, func(c *candidate) bool { return c == cand })
	}
}

// leave ends the search for a run that is known or has failed. Candidates that no other run needs
// are dropped, with their events.
func (s *search) leave(run *Run) {
	s.sought[run.name] = slices.DeleteFunc(s.sought[run.name], func(r *Run) bool { return r == run })
	if len(s.sought[run.name]) == 0 {
		delete(s.sought, run.name)
	}
	for _, cand := range run.matches {
		cand.matches = slices.DeleteFunc(cand.matches, func(r *Run) bool { return r == run })
	}
	doubted := run.matches
	run.matches = nil
	s.tidy()
	if s.runs--; s.runs == 0 {
		s.pauseUse()
	}
	for _, cand := range doubted {
		s.decide(cand)
	}
}

// tidy drops the candidates that no run needs, and their events.
func (s *search) tidy() {
	if len(s.sought) == 0 {
		s.clear()
		return
	}
	for _, cand := range s.candidates {
		if !slices.ContainsFunc(s.sought[cand.name], func(run *Run) bool { return run.mark < cand.number }) {
			s.drop(cand)
		}
	}
	if len(s.oldest) == len(s.candidates) {
		return
	}
	s.oldest = slices.DeleteFunc(s.oldest, func(cand *candidate) bool { return s.candidates[WorkflowChannel(cand.id)] != cand })
	q := &s.sub.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sift(func(e *entry) bool { return s.candidates[e.event.Topic] != nil })
}

// clear drops all candidates and everything in the queue.
func (s *search) clear() {
	for _, cand := range s.candidates {
		s.drop(cand)
	}
	s.oldest = nil
	if s.sub != nil {
		s.sub.queue.discard()
	}
}

// pauseUse keeps the subscription for a while, because the next run may be near.
func (s *search) pauseUse() {
	if s.sub == nil || s.r.closed {
		return
	}
	if s.idle == nil {
		s.idle = time.AfterFunc(searchIdle, s.expire)
		return
	}
	s.idle.Reset(searchIdle)
}

// expire ends the subscription if it is not used. It waits for the subscriptions of the runs that
// are known, because their events come by it until the server has confirmed them.
func (s *search) expire() {
	r := s.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.runs > 0 || s.sub == nil || r.closed {
		return
	}
	for _, ch := range r.channels {
		if r.session != nil && !ch.live && slices.ContainsFunc(ch.subs, func(sub *Subscription) bool { return sub.own && sub != s.sub }) {
			s.idle.Reset(searchIdle)
			return
		}
	}
	r.release(s.sub, nil)
	s.sub = nil
}

// stop is called when the registry is closed.
func (s *search) stop() {
	if s.idle != nil {
		s.idle.Stop()
	}
}

// runNameOf returns the workflow's name in the payload of a run's event, "" if there is none.
func runNameOf(ev *Event) (name string) {
	s := codec.NewScanner(ev.Data)
	s.Object()
	for s.Member() {
		if string(s.Key()) == "name" {
			codec.ScanString(&s, &name)
		} else {
			s.Skip()
		}
	}
	if s.End() != nil {
		return ""
	}
	return name
}
