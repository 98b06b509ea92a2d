// This file replaces a session that still works: before its token expires, or on request.

package client

import (
	"errors"
	"time"
)

// settlePatience is how long calls in flight may take to be answered before a session is renewed.
const settlePatience = 10 * time.Second

// ErrTokenExpiring is why a session was replaced before its token expires; see
// [WithExpiringTokenSource]. It is the cause of a [Transition], and of a call that was in flight
// for too long.
var ErrTokenExpiring = errors.New("dispatch: the session's token is about to expire")

// attend looks after a ready session until it has ended. It requests channels again when they are
// due. When the token is about to expire, it ends the session and returns the next token; otherwise
// nil. It also ends the session when Reconnect was called.
func (c *Client) attend(s *session) *Token {
	r := c.newRenewal(s)
	defer r.stop()
	for {
		select {
		case <-c.registry.clock.C:
			c.registry.askAgain()
		case now := <-r.clock():
			r.look(now)
		case answer := <-r.answers:
			if r.accept(time.Now(), answer) {
				c.retire(s, ErrTokenExpiring)
				return &answer.token
			}
		case <-c.status.renewals:
			if c.status.isUnwanted(s) {
				c.retire(s, ErrReconnect)
				return nil
			}
		case <-s.done:
			return nil
		}
	}
}

// retire ends a session in order. Calls wait for the next one, while what is in flight is answered.
// Lanes whose calls are under way are not ended, but not used again.
func (c *Client) retire(s *session, cause error) {
	c.cfg.logger.Info("dispatch: renewing the session", "server", s.endpoint.name, "cause", cause)
	if c.status.hold(cause) {
		c.lanes.retire()
		c.settle(s)
		s.closeGracefully(cause)
	}
	<-s.done
}

// settle waits until everything in flight on a session is answered, up to settlePatience.
func (c *Client) settle(s *session) {
	patience := time.NewTimer(settlePatience)
	defer patience.Stop()
	answered := s.calls.empty()
	for {
		select {
		case <-answered:
			return
		case <-patience.C:
			return
		case <-c.registry.clock.C:
			c.registry.askAgain()
		case <-s.done:
			return
		}
	}
}
