package client

import (
	"context"
	"time"
)

const (
	// renewalPart is the part of a token's lifetime before its expiry in which the session is
	// renewed, up to renewalMost. Both are changed at random by up to a fifth, so that clients do
	// not renew all at once.
	renewalPart = 5
	renewalMost = 5 * time.Minute
	// renewalEvery is how long a session lasts at least before it is renewed, whatever its token
	// says.
	renewalEvery = 30 * time.Second
	// The source is asked again after half of the time until the expiry, or since, but within these
	// bounds.
	askAgainLeast = 10 * time.Second
	askAgainMost  = 5 * time.Minute
	// renewalLook is how often the wall clock is looked at, because it may be set, and timers do
	// not count the time for which a machine sleeps.
	renewalLook = time.Minute
)

// renewal decides when a session needs another token, and asks the source for it while the session
// goes on. It belongs to the supervisor. The zero value, for a token that does not expire, does
// nothing.
type renewal struct {
	c        *Client
	expires  time.Time // when the session's token does, by the wall clock
	due      time.Time // when to ask the source, by the wall clock
	earliest time.Time // but not before this time, by the monotonic clock
	timer    *time.Timer
	ctx      context.Context // of the asks
	cancel   context.CancelFunc
	answers  chan tokenAnswer
	log      failureLog
}

// tokenAnswer is the result of asking the source.
type tokenAnswer struct {
	token Token
	err   error
}

// newRenewal returns the renewal for a session that has just become ready.
func (c *Client) newRenewal(s *session) *renewal {
	if s.expires.IsZero() || !c.cfg.reconnect {
		return new(renewal)
	}
	r := &renewal{c: c, expires: wall(s.expires), answers: make(chan tokenAnswer, 1)}
	now := time.Now()
	r.plan(now)
	r.ctx, r.cancel = context.WithCancel(c.ctx)
	r.timer = time.NewTimer(r.wait(now, wall(now)))
	return r
}

// plan sets when to ask the source for the first time.
func (r *renewal) plan(now time.Time) {
	lifetime := max(r.expires.Sub(wall(now)), 0)
	r.due = r.expires.Add(-jittered(min(lifetime/renewalPart, renewalMost)))
	r.earliest = now.Add(renewalEvery)
}

// wait returns for how long to wait before the clocks are looked at, which say now. It is 0 if the
// source is to be asked now.
func (r *renewal) wait(now, wallNow time.Time) time.Duration {
	return min(max(r.due.Sub(wallNow), r.earliest.Sub(now), 0), renewalLook)
}

// clock is the channel on which to wait for the time to call look.
func (r *renewal) clock() <-chan time.Time {
	if r.timer == nil {
		return nil
	}
	return r.timer.C
}

// look asks the source if it is time to. The answer comes on the channel answers; the timer is not
// set until then.
func (r *renewal) look(now time.Time) {
	if d := r.wait(now, wall(now)); d > 0 {
		r.timer.Reset(d)
		return
	}
	r.c.spawn(func() {
		ctx, cancel := r.c.cfg.connectTime(r.ctx)
		defer cancel()
		token, err := r.c.cfg.currentToken(ctx)
		r.answers <- tokenAnswer{token, err}
	})
}

// accept reports whether an answer is a token for another session. If not, such as one that the
// source has kept, the source is asked again later.
func (r *renewal) accept(now time.Time, answer tokenAnswer) bool {
	switch {
	case answer.err != nil:
		r.log.log(r.c.cfg.logger, "dispatch: no token to renew the session with", answer.err, "server", r.c.status.where())
	case !answer.token.outlives(r.expires):
		r.c.cfg.logger.Debug("dispatch: the token source has no later token yet", "server", r.c.status.where(), "expires", r.expires)
	case r.c.inFlight.draining.Load(): // the session lasts until the drain is done
	default:
		return true
	}
	left := r.expires.Sub(wall(now)).Abs()
	r.earliest = now.Add(jittered(min(max(left/2, askAgainLeast), askAgainMost)))
	r.timer.Reset(r.wait(now, wall(now)))
	return false
}

func (r *renewal) stop() {
	if r.timer != nil {
		r.timer.Stop()
		r.cancel()
	}
}
