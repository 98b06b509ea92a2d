package client

import "time"

// supervise opens a session, unless there is one, and replaces it whenever it is lost, until the
// client is closed. No other goroutine does.
//
// A call in flight ends with its session. Its own goroutine then decides whether to repeat it, and
// waits for the next session, which is ready when the server has answered for each channel once.
func (c *Client) supervise(s *session) {
	if s == nil {
		s = c.reconnect(nil)
	}
	for s != nil {
		readySince := time.Now()
		token := c.attend(s)
		c.sessionLost(s)
		if c.ctx.Err() != nil {
			return
		}
		e, cause := s.endpoint, s.cause
		if token != nil {
			if s, cause = c.replace(e, token); cause == nil {
				c.cfg.logger.Info("dispatch: session renewed", "server", e.name, "format", s.format)
				c.pool.startAnew()
				c.pool.ready(e)
				continue
			}
			if c.ctx.Err() != nil {
				return
			}
		}
		c.cfg.logger.Info("dispatch: connection lost", "server", e.name, "error", cause)
		if !c.cfg.reconnect {
			c.closeWithCause(cause)
			return
		}
		if time.Since(readySince) >= healthy {
			c.pool.startAnew()
		}
		s = c.reconnect(c.pool.failed(e, cause))
	}
}

// sessionLost makes calls wait for the next session and opens a gap in the subscriptions.
func (c *Client) sessionLost(s *session) {
	c.status.sessionLost()
	c.registry.sessionLost(s)
}

// reconnect tries to open a session until it succeeds or the client is closed. It closes the client
// if further attempts are of no use. The cause is why there is no session, and nil if there was
// none yet.
func (c *Client) reconnect(cause error) *session {
	var failures failureLog
	for {
		e, delay := c.pool.next()
		if e == nil {
			c.closeWithCause(c.pool.failure())
			return nil
		}
		if cause != nil {
			c.status.set(Transition{To: StateBackingOff, Cause: cause, Attempt: e.attempt, Delay: delay, Endpoint: e.name})
			if !c.sleep(delay) {
				return nil
			}
		}
		c.status.set(Transition{To: StateConnecting, Cause: cause, Attempt: e.attempt, Endpoint: e.name})
		c.cfg.logger.Debug("dispatch: connecting", "server", e.name, "attempt", e.attempt)
		s, err := c.replace(e, nil)
		if err == nil {
			text := "dispatch: connected again"
			if !c.pool.connected {
				text = "dispatch: connected"
			}
			c.cfg.logger.Info(text, "server", e.name, "attempt", e.attempt, "format", s.format)
			c.pool.ready(e)
			return s
		}
		if c.ctx.Err() != nil {
			return nil
		}
		failures.log(c.cfg.logger, "dispatch: attempt failed", err, "server", e.name, "attempt", e.attempt)
		cause = c.pool.failed(e, err)
	}
}

// replace opens a session at an endpoint, restores the subscriptions on it and lets calls use it.
// Without a token, it asks for one.
func (c *Client) replace(e *endpoint, token *Token) (*session, error) {
	s, err := c.attempt(c.ctx, e, false, token)
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
