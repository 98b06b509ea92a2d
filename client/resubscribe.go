package client

import "time"

const (
	// answerPatience is how long the client waits for the answer to a request for a channel before
	// it repeats the request, and how long calls wait for the channels of a new session.
	answerPatience = 15 * time.Second
	// lookEvery is the shortest time between two searches for channels to request again.
	lookEvery = 100 * time.Millisecond
)

// asking is the state of a channel's requests on the current session.
type asking struct {
	attempts int
	latest   uint64    // the number of the latest request
	waiting  bool      // for the answer; otherwise for the next attempt
	unsure   bool      // a request was not answered in time; the server may have granted it
	due      time.Time // when the answer is overdue, or the time of the next attempt
	// the latest two requests, the last one second; a late answer still counts
	requests [2]*exchange
}

// sent records a request that was queued. It abandons the oldest one.
func (a *asking) sent(s *session, x *exchange, number uint64) {
	if old := a.requests[0]; old != nil {
		s.calls.abandon(old, !s.out.takeBack(&old.number))
	}
	a.attempts, a.latest, a.waiting = a.attempts+1, number, true
	a.due, a.requests = time.Now().Add(answerPatience), [2]*exchange{a.requests[1], x}
}

// schedule makes the supervisor call askAgain at a time, or shortly after it.
func (r *registry) schedule(at time.Time) {
	if soonest := time.Now().Add(lookEvery); at.Before(soonest) {
		at = soonest
	}
	if r.alarm.IsZero() || at.Before(r.alarm) {
		r.alarm = at
		r.clock.Reset(time.Until(at))
	}
}

// askAgain requests the channels whose answer is overdue or whose back-off has passed.
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

// overdue handles a channel whose due time has passed.
func (r *registry) overdue(ch *channel, now time.Time) {
	a := &ch.asking
	switch {
	case !a.waiting:
		_ = r.request(ch, nil)
	case a.latest > r.answered && r.answeredAt.Add(answerPatience).After(now):
		// Servers handle requests one after another, and have not reached this one yet.
		a.due = r.answeredAt.Add(answerPatience)
	default:
		a.unsure = true
		r.warn(ch, errUnanswered)
		r.postpone(ch)
	}
}

// postpone backs off before a channel is requested again.
func (r *registry) postpone(ch *channel) {
	delay, _ := fullJitter(ch.asking.attempts)
	ch.asking.waiting, ch.asking.due = false, time.Now().Add(delay)
	r.schedule(ch.asking.due)
}

// warn logs that a channel is requested again, once per session.
func (r *registry) warn(ch *channel, err error) {
	if !r.warned {
		r.warned = true
		r.log("dispatch: channel not confirmed, asking again", ch, err)
	}
}

// log warns about a channel. It logs in another goroutine, because the registry's lock is held and
// a log handler is a user's code.
func (r *registry) log(message string, ch *channel, err error) {
	r.c.spawn(func() { r.c.cfg.logger.Warn(message, "channel", ch.name, "error", err) })
}
