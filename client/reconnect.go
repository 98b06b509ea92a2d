package client

import (
	"context"
	"errors"
	"fmt"
)

// ErrReconnect is why [Client.Reconnect] replaced a session. It is the cause of a [Transition], and
// of a call that was in flight for too long.
var ErrReconnect = errors.New("dispatch: reconnect requested")

// Reconnect replaces the session by a new one, such as after a change of the token or of the
// servers behind a name. With [WithEndpoints], the new one is at the next endpoint. It blocks until
// that is ready, or until ctx ends; the session is replaced all the same then.
//
// New calls wait for the new session. Calls in flight have 10 s to be answered. Then they end as
// with a loss: those of unsafe methods with an [*OutcomeUnknownError], and the others are repeated.
// Subscriptions get a [Gap]. Lanes whose calls are under way go on, and are not used again. The
// attempts to connect have the back-off of a loss, which limits how often Reconnect can replace
// sessions.
//
// Concurrent calls share one new session. If there is no session, Reconnect waits for the one that
// is being opened, without shortening the back-off. The error matches ctx's error and then says why
// there is no session, [ErrDraining], or [ErrClosed], also if the client is closed meanwhile. With
// [WithReconnect] false, it is an error that changes nothing. Reconnect may be called while an
// event is handled, but not by a log handler or a back-off function, which it would wait for.
func (c *Client) Reconnect(ctx context.Context) error {
	switch {
	case !c.cfg.reconnect:
		return errors.New("dispatch: Reconnect and WithReconnect(false) exclude each other")
	case c.ctx.Err() != nil:
		return c.status.callError()
	case c.inFlight.draining.Load():
		return ErrDraining
	case ctx.Err() != nil:
		return fmt.Errorf("dispatch: %w", ended(ctx))
	}
	return c.status.renew(ctx)
}

// renew has the supervisor replace the present session, if there is one, and waits for the next one
// to become ready.
func (st *status) renew(ctx context.Context) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	latest := st.latest
	if st.current.Load() != nil {
		st.unwanted = latest
		select {
		case st.renewals <- struct{}{}:
		default:
		}
	}
	for st.latest == latest {
		if st.now == StateClosed {
			return st.callErrorLocked()
		}
		if !st.waitLocked(ctx) {
			return fmt.Errorf("dispatch: %w", waited(ctx, "a session", st.trouble))
		}
	}
	return nil
}

// isUnwanted reports whether a session is to be replaced. It is not while the client drains.
func (st *status) isUnwanted(s *session) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.unwanted == s.number && st.now != StateDraining
}
