package client

import (
	"errors"
	"fmt"
	"time"

	"github.com/gobwas/ws"
)

// supervise replaces sessions, and nobody else does. It ends when the client is closed.
//
// What was in flight ends with its session: each caller then decides by the rules of call whether
// to try again, and waits at the gate, which opens when the server has answered for each channel
// once.
func (c *Client) supervise(s *session) {
	attempt := 0
	for {
		readySince := time.Now()
		c.attend(s)
		c.sessionLost(s)
		if c.ctx.Err() != nil {
			return
		}
		cause := s.cause
		c.cfg.logger.Info("dispatch: connection lost", "server", c.cfg.redactedURL(), "error", cause)
		if !c.cfg.reconnect || c.cfg.tokenSource == nil && isRefusal(cause) {
			c.closeWithCause(cause)
			return
		}
		if time.Since(readySince) >= healthy {
			attempt = 0
		}
		if s, attempt = c.reconnect(cause, attempt); s == nil {
			return
		}
	}
}

// sessionLost shuts the gate and tells subscriptions about the outage.
func (c *Client) sessionLost(s *session) {
	c.status.sessionLost()
	c.registry.sessionLost(s)
}

// reconnect attempts until there is a session again, the client is closed, or there is no point in
// going on, when it closes the client. It goes on counting from attempt and returns the last one's
// number.
func (c *Client) reconnect(cause error, attempt int) (*session, int) {
	protocolCloses := 0
	if isProtocolClose(cause) {
		protocolCloses = 1
	}
	var failures failureLog
	for {
		attempt++
		delay, ok := c.cfg.backoff(attempt)
		if !ok {
			c.closeWithCause(fmt.Errorf("%w (gave up after %d attempts)", cause, attempt-1))
			return nil, attempt
		}
		delay = max(delay, askedDelay(cause), 0)
		c.status.set(StateBackingOff, cause, attempt, delay)
		if !c.sleep(delay) {
			return nil, attempt
		}
		c.status.set(StateConnecting, cause, attempt, 0)
		c.cfg.logger.Debug("dispatch: connecting", "server", c.cfg.redactedURL(), "attempt", attempt)
		s, err := c.replace()
		if err == nil {
			c.cfg.logger.Info("dispatch: connected again", "server", c.cfg.redactedURL(), "attempt", attempt, "format", s.format)
			return s, attempt
		}
		if c.ctx.Err() != nil {
			return nil, attempt
		}
		failures.log(c.cfg.logger, "dispatch: attempt failed", err, "server", c.cfg.redactedURL(), "attempt", attempt)
		if isProtocolClose(err) {
			protocolCloses++
		} else {
			protocolCloses = 0
		}
		// a source is asked once more
		refused := isRefusal(err) && (c.cfg.tokenSource == nil || isRefusal(cause))
		if refused || protocolCloses >= maxProtocolCloses || errors.Is(err, ErrProtocolMismatch) {
			c.closeWithCause(err)
			return nil, attempt
		}
		cause = err
	}
}

// replace opens a session, restores the subscriptions on it and lets calls through.
func (c *Client) replace() (*session, error) {
	s, err := c.attempt(c.ctx, false)
	if err != nil {
		return nil, err
	}
	if !c.status.adopt(s) {
		s.closeGracefully(ErrClosed)
		<-s.done
		return nil, ErrClosed
	}
	if err := c.awaitRestored(s, c.registry.restore(s)); err != nil {
		s.fail(err)
		<-s.done
		c.sessionLost(s)
		return nil, s.cause
	}
	if !c.status.ready(s) {
		s.closeGracefully(ErrClosed)
		<-s.done
		return nil, ErrClosed
	}
	return s, nil
}

// awaitRestored waits until every channel has been answered once, but not long: one that is not
// confirmed by then is asked for again while calls go on.
func (c *Client) awaitRestored(s *session, answered <-chan struct{}) error {
	patience := time.NewTimer(answerPatience)
	defer patience.Stop()
	for {
		select {
		case <-answered:
			return nil
		case <-patience.C:
			return nil
		case <-c.registry.clock.C:
			c.registry.askAgain()
		case <-s.dead:
			return s.cause
		}
	}
}

// attend has channels asked for again until the session is over.
func (c *Client) attend(s *session) {
	for {
		select {
		case <-c.registry.clock.C:
			c.registry.askAgain()
		case <-s.done:
			return
		}
	}
}

// sleep waits and reports whether the client is still open afterwards.
func (c *Client) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return c.ctx.Err() == nil
	case <-c.ctx.Done():
		return false
	}
}

// maxProtocolCloses is how many protocol closes in a row end the client, with no ready session
// between them.
const maxProtocolCloses = 3

// isProtocolClose reports whether a server closed the connection because of what the client sends.
func isProtocolClose(err error) bool {
	closed, ok := errors.AsType[*CloseError](err)
	if !ok {
		return false
	}
	switch ws.StatusCode(closed.Code) {
	case ws.StatusProtocolError, ws.StatusUnsupportedData, ws.StatusInvalidFramePayloadData:
		return true
	default: // it may be its own fault
		return false
	}
}

// askedDelay is what a server asked for with Retry-After.
func askedDelay(err error) time.Duration {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.RetryAfter
	}
	return 0
}
