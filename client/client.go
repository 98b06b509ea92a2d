package client

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// closeTimeout bounds Close, whatever the peer or a user's function does.
const closeTimeout = 5 * time.Second

// Client is a connection to a Dispatch server that outlives its sockets. [DialContext] makes one;
// its zero value is of no use. All methods are safe for concurrent use, from inside consumers too.
type Client struct {
	cfg      *config
	ctx      context.Context // ends when the client is closed
	cancel   context.CancelFunc
	running  sync.WaitGroup // every goroutine of the client
	closed   chan struct{}  // Done: closed once the state is StateClosed
	done     chan struct{}  // closed when no goroutine is left after that
	sessions atomic.Uint64  // numbers them

	status    status
	registry  registry
	lanes     lanes
	inFlight  calls
	followers chan struct{} // holds a token for each follower's read under way
	drain     drain
	counters  counters
}

// DialContext connects to the server at a ws or wss URL, authenticates, and returns once the server
// has confirmed the session. Its ctx bounds only that. A failed first attempt is returned, not
// repeated: an [*Error] or [*StatusError] that matches [ErrUnauthorized] or [ErrForbidden] if the
// credentials were refused, [ErrProtocolMismatch] if the peer does not speak the protocol. So is a
// bad option. Afterwards a lost connection is replaced until [Client.Close]; see [WithReconnect].
func DialContext(ctx context.Context, url string, opts ...Option) (*Client, error) {
	cfg, err := configure(url, opts)
	if err != nil {
		return nil, err
	}
	c := newClient(cfg)
	s, err := c.connect(ctx, false)
	if err != nil {
		c.cancel()
		return nil, failedDial(ctx, err)
	}
	c.registry.restore(s)
	c.status.ready(s)
	cfg.logger.Info("dispatch: connected", "server", cfg.redactedURL(), "format", s.format)
	c.spawn(func() { c.supervise(s) })
	return c, nil
}

func newClient(cfg *config) *Client {
	c := &Client{cfg: cfg, closed: make(chan struct{}), done: make(chan struct{}), followers: make(chan struct{}, maxFollowers)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.status.init(cfg)
	c.inFlight.init(cfg)
	c.drain.done = make(chan struct{})
	c.registry.init(c)
	c.lanes.init(c)
	return c
}

// Close ends the client: calls in flight by their rules (see [OutcomeUnknownError]), waiting ones
// with [ErrClosed], subscriptions with io.EOF after what they have queued. It sends a close frame
// and waits until no goroutine is left, at most 5 s whatever the peer does. It is nil, also when
// the client was closed before or something was left of a drain, which [Client.Drain] reports. It
// is safe from any goroutine.
func (c *Client) Close() error {
	timeout := time.NewTimer(closeTimeout)
	defer timeout.Stop()
	c.closeWithCause(nil)
	select {
	case <-c.done:
	case <-timeout.C:
		// nothing waits for a log handler
		go c.cfg.logger.Warn("dispatch: goroutines left after Close")
	}
	return nil
}

// closeWithCause closes the client, once. The cause is nil for Close, else that for which the
// client gives up.
func (c *Client) closeWithCause(cause error) {
	calls := c.inFlight.left() // before they get the news
	s, first := c.status.close(cause)
	if !first {
		return
	}
	err := c.status.callError()
	c.cancel()
	end := err
	if cause == nil {
		end = nil
	}
	c.drain.cut = DrainError{Calls: calls, Events: c.registry.close(end), Err: err}
	c.lanes.close(err)
	if s != nil {
		s.closeGracefully(err)
	}
	close(c.closed)
	go func() {
		c.running.Wait()
		close(c.done)
	}()
	if cause != nil {
		c.cfg.logger.Warn("dispatch: closed for good", "server", c.cfg.redactedURL(), "error", cause)
	}
}

// spawn starts a goroutine of the client's, unless the client is closed.
func (c *Client) spawn(f func()) bool {
	c.status.mu.Lock()
	defer c.status.mu.Unlock()
	if c.status.now == StateClosed {
		return false
	}
	c.running.Go(f)
	return true
}

// Done is closed when the client is.
func (c *Client) Done() <-chan struct{} { return c.closed }

// Err is nil until the client is closed, [ErrClosed] after Close or Drain, and otherwise the cause
// for which the client gave up.
func (c *Client) Err() error { return c.status.err() }

// State returns where the client stands.
func (c *Client) State() State { return c.status.state() }

// Ready waits until there is a session. It returns ctx's error if that ends first, with why there
// is none, and one that matches [ErrClosed] if the client is closed.
func (c *Client) Ready(ctx context.Context) error {
	_, err := c.status.waitReady(ctx, c.cfg, readyWait)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("dispatch: %w", err)
	}
	return err
}
