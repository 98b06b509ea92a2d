// This file makes clients: connected ones, and ones that are to connect.

package client

import (
	"context"
	"errors"
	"fmt"
)

// DialContext connects to the server at a ws or wss URL, authenticates, and returns once the server
// has confirmed the session. It blocks until then, or until ctx ends; afterwards ctx is not used. A
// failed attempt is returned and not repeated; see [WithRetryDial]. Once DialContext has succeeded,
// the client replaces a lost connection until it is closed; see [WithReconnect]. [New] makes a
// client without waiting for the server.
//
// An invalid URL or option is an error. If the server refuses the credentials, the error is an
// [*Error], [*StatusError] or [*CloseError] that matches [ErrUnauthorized] or [ErrForbidden]. If
// the peer does not speak the protocol, it matches [ErrProtocolMismatch]. [RetryMayHelp] reports
// whether to try again.
func DialContext(ctx context.Context, url string, opts ...Option) (*Client, error) {
	cfg, err := configure(url, opts)
	if err != nil {
		return nil, err
	}
	c := newClient(cfg)
	s, err := c.dial(ctx)
	if err != nil {
		c.cancel()
		return nil, failedDial(ctx, err)
	}
	c.registry.restore(s)
	c.status.ready(s)
	c.spawn(func() { c.supervise(s) })
	return c, nil
}

// New returns a client that is not connected yet. It does not block: an invalid URL or option is
// its only error, and so is [WithReconnect] with false. The client connects as after the loss of a
// connection: the first attempt is made at once, and further ones with back-off, until it is closed
// or no attempt can succeed, such as with a refused token. So a program can start before the
// server.
//
// Calls and subscriptions wait for the first session as during an outage. [Client.Ready] waits for
// it too. If the client gives up, all of them return the cause, and [Client.Done] is closed.
func New(url string, opts ...Option) (*Client, error) {
	cfg, err := configure(url, opts)
	if err == nil && !cfg.reconnect {
		err = errors.New("dispatch: New and WithReconnect(false) exclude each other: see DialContext")
	}
	if err != nil {
		return nil, err
	}
	c := newClient(cfg)
	c.spawn(func() { c.supervise(nil) })
	return c, nil
}

// dial opens the first session for DialContext.
func (c *Client) dial(ctx context.Context) (*session, error) {
	var failures failureLog
	var cause error // of the latest attempt, unless ctx ended it
	for {
		e, delay := c.pool.next()
		if e == nil || e.attempt > 0 && !c.cfg.retryDial {
			return nil, c.pool.failure()
		}
		if delay > 0 {
			if err := c.pause(ctx, delay); err != nil {
				return nil, stillDialling(ctx, cause)
			}
		}
		share, cancel := c.pool.share(ctx)
		s, err := c.connect(share, e, false)
		cancel()
		switch {
		case err == nil:
			c.pool.ready(e)
			c.cfg.logger.Info("dispatch: connected", "server", e.name, "format", s.format)
			return s, nil
		case !c.cfg.retryDial && len(c.pool.endpoints) == 1:
			return nil, err
		case ctx.Err() != nil && cause == nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, stillDialling(ctx, cause)
		}
		cause = c.pool.failed(e, err)
		e.over = e.over || !mayPass(err)
		failures.log(c.cfg.logger, "dispatch: attempt failed", err, "server", e.name, "attempt", e.attempt)
	}
}

// stillDialling is the error of a dial that ctx ended after failed attempts.
func stillDialling(ctx context.Context, cause error) error {
	return fmt.Errorf("dispatch: %w", waited(ctx, "a session", cause))
}
