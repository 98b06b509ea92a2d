package client

import "time"

const (
	// answerPatience is how long a server may take to answer a request for a channel before it is
	// asked again, and how long calls wait for the channels of a new session.
	answerPatience = 15 * time.Second
	// lookEvery is how often, at most, all channels are looked through for those to be asked for
	// again.
	lookEvery = 100 * time.Millisecond
)

// asking is how far the client has got with asking a session's server for a channel.
type asking struct {
	attempts int
	latest   uint64    // the number of the latest request
	waiting  bool      // for its answer; else for the time to ask again
	unsure   bool      // a request got no answer in time, so the server may have granted it
	due      time.Time // when that has taken too long, or has come
	// the latest requests, the last one second: their answers may be late, and count all the same
	requests [2]*exchange
}

// sent takes sent of a request that was put.
func (a *asking) sent(s *session, x *exchange, number uint64) {
	if old := a.requests[0]; old != nil {
		s.calls.abandon(old, !s.out.takeBack(&old.number))
	}
	a.attempts, a.latest, a.waiting = a.attempts+1, number, true
	a.due, a.requests = time.Now().Add(answerPatience), [2]*exchange{a.requests[1], x}
}

// schedule has the supervisor call askAgain at a time, or not much later.
func (r *registry) schedule(at time.Time) {
	if soonest := time.Now().Add(lookEvery); at.Before(soonest) {
		at = soonest
	}
	if r.alarm.IsZero() || at.Before(r.alarm) {
		r.alarm = at
		r.clock.Reset(time.Until(at))
	}
}

// askAgain asks for the channels whose answers have not come and whose back-offs have passed.
func (r *registry) askAgain() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alarm = time.Time{}
	if r.session == nil {
		return
	}
	now := time.Now()
	for _, ch := range r.channels {
		if ch.live {
			continue
		}
		if !ch.asking.due.After(now) {
			r.overdue(ch, now)
		}
		r.schedule(ch.asking.due)
	}
}

// overdue goes on with a channel that something was due for.
func (r *registry) overdue(ch *channel, now time.Time) {
	a := &ch.asking
	switch {
	case !a.waiting:
		_ = r.request(ch, nil)
	case a.latest > r.answered && r.answeredAt.Add(answerPatience).After(now):
		// Servers handle requests one after another, and this one's turn has not come.
		a.due = r.answeredAt.Add(answerPatience)
	default:
		a.unsure = true
		r.warn(ch, errUnanswered)
		r.postpone(ch)
	}
}

// postpone backs off before a channel is asked for again.
func (r *registry) postpone(ch *channel) {
	delay, _ := fullJitter(ch.asking.attempts)
	ch.asking.waiting, ch.asking.due = false, time.Now().Add(delay)
	r.schedule(ch.asking.due)
}

// warn logs, once a session, that a channel is asked for again.
func (r *registry) warn(ch *channel, err error) {
	if !r.warned {
		r.warned = true
		r.log("dispatch: channel not confirmed, asking again", ch, err)
	}
}

// log warns about a channel. Not here: the registry's callers wait for nobody, and a log handler is
// a user's.
func (r *registry) log(message string, ch *channel, err error) {
	r.c.spawn(func() { r.c.cfg.logger.Warn(message, "channel", ch.name, "error", err) })
}
