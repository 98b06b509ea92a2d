package client

import (
	"errors"
	"fmt"
	"time"

	"github.com/gobwas/ws"
)

// supervise replaces the session whenever it is lost, until the client is closed. No other
// goroutine does.
//
// A call in flight ends with its session. Its own goroutine then decides whether to repeat it, and
// waits for the next session, which is ready when the server has answered for each channel once.
func (c *Client) supervise(s *session) {
	attempt := 0
	for {
		readySince := time.Now()
		c.resubscribeUntilDone(s)
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

// sessionLost makes calls wait for the next session and opens a gap in the subscriptions.
func (c *Client) sessionLost(s *session) {
	c.status.sessionLost()
	c.registry.sessionLost(s)
}

// reconnect tries to open a session until it succeeds or the client is closed. It closes the client
// if further attempts are of no use. It counts on from attempt and returns the number of the last
// one.
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
		// a token source is asked again after the first refusal, and gives up after the second in a
		// row
		refused := isRefusal(err) && (c.cfg.tokenSource == nil || isRefusal(cause))
		if refused || protocolCloses >= maxProtocolCloses || errors.Is(err, ErrProtocolMismatch) {
			c.closeWithCause(err)
			return nil, attempt
		}
		cause = err
	}
}

// replace opens a session, restores the subscriptions on it and lets calls use it.
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

// awaitRestored waits until every channel has been answered once, up to answerPatience. The
// remaining channels are requested again while calls go on.
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

// resubscribeUntilDone requests channels again when they are due, until the session has ended.
func (c *Client) resubscribeUntilDone(s *session) {
	for {
		select {
		case <-c.registry.clock.C:
			c.registry.askAgain()
		case <-s.done:
			return
		}
	}
}

// sleep waits for d. It returns false if the client is closed.
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

// maxProtocolCloses is how many protocol closes in a row, without a ready session in between, close
// the client.
const maxProtocolCloses = 3

// isProtocolClose reports whether a server closed the connection because of what the client sent.
func isProtocolClose(err error) bool {
	closed, ok := errors.AsType[*CloseError](err)
	if !ok {
		return false
	}
	switch ws.StatusCode(closed.Code) {
	case ws.StatusProtocolError, ws.StatusUnsupportedData, ws.StatusInvalidFramePayloadData:
		return true
	default: // the cause may be the server's
		return false
	}
}

// askedDelay returns the delay that a server requested with Retry-After.
func askedDelay(err error) time.Duration {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.RetryAfter
	}
	return 0
}
