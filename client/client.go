package client

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// closeTimeout limits Close, even if the peer or a user's function blocks.
const closeTimeout = 5 * time.Second

// Client is a connection to a Dispatch server that is replaced when it is lost. Use [DialContext]
// or [New] to make one; the zero value is not usable. All methods are safe for concurrent use, and
// may be called while an event is being handled.
type Client struct {
	cfg      *config
	ctx      context.Context // ends when the client is closed
	cancel   context.CancelFunc
	running  sync.WaitGroup // every goroutine of the client
	closed   chan struct{}  // the channel of Done; closed once the state is StateClosed
	done     chan struct{}  // closed when no goroutine is left after the close
	sessions atomic.Uint64  // the number of the latest session

	pool      pool
	status    status
	registry  registry
	lanes     lanes
	inFlight  calls
	exchanges exchanges
	followers chan struct{} // holds a token for each follower's read in progress
	drain     drain
	counters  counters
}

func newClient(cfg *config) *Client {
	c := &Client{cfg: cfg, closed: make(chan struct{}), done: make(chan struct{}), followers: make(chan struct{}, maxFollowers)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.pool.init(cfg)
	c.status.init(cfg)
	c.inFlight.init(cfg)
	c.drain.done = make(chan struct{})
	c.registry.init(c)
	c.lanes.init(c)
	return c
}

// Close closes the client at once, sends a close frame, and waits until all goroutines of the
// client have ended, for at most 5 s. The error is always nil. Calling Close again does nothing.
// [Client.Drain] finishes calls and subscriptions first.
//
// Calls end with [ErrClosed], those of unsafe methods that were written with an
// [*OutcomeUnknownError]. Subscriptions end with [io.EOF] after the events that are queued.
func (c *Client) Close() error {
	timeout := time.NewTimer(closeTimeout)
	defer timeout.Stop()
	c.closeWithCause(nil)
	left := func() {
		// nothing waits for a log handler
		go c.cfg.logger.Warn("dispatch: goroutines left after Close")
	}
	select {
	case <-c.done:
	case <-timeout.C:
		left()
		return nil
	}
	if c.cfg.tap != nil {
		select {
		case <-c.cfg.tap.settled():
		case <-timeout.C:
			left()
		}
	}
	return nil
}

// closeWithCause closes the client, once. The cause is nil for Close, and otherwise the reason for
// which the client gives up.
func (c *Client) closeWithCause(cause error) {
	calls := c.inFlight.left() // counted before they fail
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
		c.cfg.logger.Warn("dispatch: closed for good", "server", c.status.where(), "error", cause)
	}
}

// spawn starts a goroutine that Close waits for. It reports false, and does nothing, if the client
// is closed.
func (c *Client) spawn(f func()) bool {
	c.status.mu.Lock()
	defer c.status.mu.Unlock()
	if c.status.now == StateClosed {
		return false
	}
	c.running.Go(f)
	return true
}

// Done returns a channel that is closed when the client closes: after Close or Drain, or when it
// gives up. [Client.Err] returns the reason.
func (c *Client) Done() <-chan struct{} { return c.closed }

// Err returns nil while the client is open, [ErrClosed] after Close or Drain, and otherwise the
// cause for which the client gave up. It does not block.
func (c *Client) Err() error { return c.status.err() }

// State returns the client's present state. It does not block. See [Client.Transitions] for the
// changes.
func (c *Client) State() State { return c.status.state() }

// Ready blocks until there is a session, also with [WithFailFast]. If ctx ends first, the error
// matches that of ctx and says why there is no session. If the client is closed, it matches
// [ErrClosed].
func (c *Client) Ready(ctx context.Context) error {
	_, err := c.status.waitReady(ctx, c.cfg, readyWait)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("dispatch: %w", err)
	}
	return err
}
