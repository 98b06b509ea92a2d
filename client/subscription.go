package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Subscription delivers the events of a channel, over reconnects, until it is ended or the client
// closes. [Client.Subscribe] and [Client.Watch] make one.
//
// It has one consumer at a time. Use [Subscription.All] for a loop over all events,
// [Subscription.Next] where each wait needs a ctx of its own, and [Subscription.Events] for a
// select with other channels. All methods are safe for concurrent use.
type Subscription struct {
	ID      string // unique in the client and stable over reconnects; unknown to the server
	Channel string // as given to Subscribe

	c     *Client
	key   string // a copy of ID, which users can overwrite
	route route
	index int // in its channel's list; guarded by the registry's lock
	queue queue

	confirmed chan struct{} // closed at the server's first confirmation, or at the end
	confirm   sync.Once
	ended     chan struct{}     // closed at the end
	gapped    chan struct{}     // holds one token after a gap, for a follower
	until     func(*Event) bool // reports whether an event is the last; nil for no last one

	// Set for a follower's subscription, which queues no events.
	ends func(EventType) bool
	over chan struct{} // holds one token after an event for which ends is true

	// Set for the client's own, of RunWorkflow.
	own   bool              // a drain does not wait until it is read
	keeps func(*Event) bool // reports whether to queue an event; nil for all

	pump   sync.Once
	events chan *Event
}

// SubscribeOption configures a subscription. An invalid value is an error of [Client.Subscribe] or
// [Client.Watch].
type SubscribeOption func(*Subscription)

// WithBuffer bounds a subscription's queue by the number of events, from 1 to 16,777,216, and by
// the bytes of memory that they need, from 1 to 1 GiB. An empty queue takes an event that is
// larger. Default: 1,024 events and 8 MiB.
func WithBuffer(events, bytes int) SubscribeOption {
	return func(s *Subscription) { s.queue.maxEvents, s.queue.maxBytes = events, bytes }
}

// WithOverflow sets what happens to events that the queue has no room for. Default:
// [OverflowDropOldest].
func WithOverflow(policy Overflow) SubscribeOption {
	return func(s *Subscription) { s.queue.policy = policy }
}

// Subscribe subscribes to a channel: jobs, workflows, firehose, job:<id>, workflow:<run id> or
// queue:<name>. There are constants and functions for their names, such as [ChannelJobs] and
// [JobChannel]. It blocks until the server has confirmed the subscription, or ctx ends. A server
// that does not answer within 15 s is asked again.
//
// An [*Error] is the server's refusal. Other errors match [ErrTooManySubscriptions],
// [ErrTooManyCalls] (see Limits.PendingBytes), [ErrNotConnected], [ErrDraining], [ErrClosed] or
// ctx's error.
//
// All subscriptions to one channel share one subscription on the server. Each of them gets every
// event once. A confirmed subscription is restored after each reconnect. It ends if the server then
// refuses it with 400, 401, 403, 404 or 405. After another code, or without an answer, the client
// asks again with back-off. The [Gap] of the outage lasts until the server confirms.
func (c *Client) Subscribe(ctx context.Context, channel string, opts ...SubscribeOption) (*Subscription, error) {
	if c.cfg.subscribes != nil {
		return c.interceptSubscribe(ctx, SubscribeCall{Channel: channel}, func(ctx context.Context) (*Subscription, error) {
			return c.subscribeTo(ctx, channel, opts)
		})
	}
	return c.subscribeTo(ctx, channel, opts)
}

// subscribeTo is Subscribe below the interceptors.
func (c *Client) subscribeTo(ctx context.Context, channel string, opts []SubscribeOption) (*Subscription, error) {
	limited, cancel := c.cfg.limited(ctx)
	defer cancel()
	sub, err := c.newSubscription(channel, opts)
	if err == nil {
		err = c.subscribe(limited, sub)
	}
	if err != nil {
		err = subscribeError(err)
		if failed, ok := err.(*callError); ok && timedOut(ctx, limited) { //nolint:errorlint // it is what subscribeError returns
			failed.passing = true
		}
		return nil, err
	}
	return sub, nil
}

// subscribeError is the error of a failed Subscribe. A refusal by the server stays as it is.
func subscribeError(err error) error {
	var refused *Error
	var garbled *ReplyError
	if errors.As(err, &refused) || errors.As(err, &garbled) {
		return err
	}
	passing := errors.Is(err, ErrNotConnected) || errors.Is(err, ErrTooManyCalls)
	return &callError{method: methodSubscribe.name, err: err, safe: true, passing: passing}
}

// newSubscription makes a subscription that the registry does not know yet.
func (c *Client) newSubscription(channel string, opts []SubscribeOption) (*Subscription, error) {
	sub := &Subscription{
		Channel:   channel,
		c:         c,
		confirmed: make(chan struct{}),
		ended:     make(chan struct{}),
		gapped:    make(chan struct{}, 1),
		events:    make(chan *Event),
	}
	sub.queue.maxEvents, sub.queue.maxBytes = queueEvents, queueBytes
	sub.queue.wake = make(chan struct{}, 1)
	sub.queue.vacant = make(chan struct{}, 1)
	sub.queue.emptied = make(chan struct{})
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("nil option")
		}
		opt(sub)
	}
	q := &sub.queue
	if q.policy < OverflowDropOldest || q.policy > OverflowFail {
		return nil, fmt.Errorf("WithOverflow: unknown policy %d", q.policy)
	}
	err := checkBuffer(q.maxEvents, q.maxBytes)
	if err != nil {
		return nil, err
	}
	sub.route, err = routeOf(channel)
	return sub, err
}

// enlist adds a subscription to the registry, which asks the server for its channel if need be.
func (c *Client) enlist(ctx context.Context, sub *Subscription) error {
	if err := ended(ctx); err != nil {
		return err
	}
	if c.inFlight.draining.Load() && c.ctx.Err() == nil {
		return ErrDraining
	}
	if c.cfg.failFast {
		if _, err := c.status.waitReady(ctx, c.cfg, newCall); err != nil {
			return err
		}
	}
	return c.registry.add(sub)
}

// subscribe enlists a subscription and waits for the server's confirmation.
func (c *Client) subscribe(ctx context.Context, sub *Subscription) error {
	if err := c.enlist(ctx, sub); err != nil {
		return err
	}
	err := c.confirmed(ctx, sub)
	if err != nil {
		sub.Discard() // the caller does not get it
	}
	return err
}

// confirmed waits for the server's confirmation of a subscription.
func (c *Client) confirmed(ctx context.Context, sub *Subscription) error {
	select {
	case <-sub.confirmed:
	case <-ctx.Done():
		return waited(ctx, "the confirmation", c.status.why())
	}
	select {
	case <-sub.ended:
	default:
		return nil
	}
	switch err := sub.Err(); {
	case errors.Is(err, ErrOverflow):
		return nil // too many events came before the confirmation: Next says so
	case err != nil:
		return err
	case c.ctx.Err() != nil || c.inFlight.draining.Load():
		return c.noSubscriptions()
	}
	return nil // the last event came before the confirmation
}

// noSubscriptions is the reason for which the registry accepts no more subscriptions.
func (c *Client) noSubscriptions() error {
	if c.ctx.Err() != nil {
		return c.status.callError()
	}
	return ErrDraining
}

// Unsubscribe ends the subscription with this ID. Its consumer gets the events that are queued, and
// then [io.EOF]. An ID that is unknown, or whose subscription has ended, is no error.
//
// If the subscription was the last one of its channel, Unsubscribe tells the server and blocks
// until the reply arrives or ctx ends. The subscription has ended in any case, whatever the error.
func (c *Client) Unsubscribe(ctx context.Context, id string) error {
	answer := c.registry.removeID(id)
	if answer == nil {
		return nil
	}
	select {
	case err := <-answer:
		return err
	default:
	}
	limited, cancel := c.cfg.limited(ctx)
	defer cancel()
	select {
	case err := <-answer:
		return err
	case <-limited.Done():
		err := waited(limited, "the confirmation", c.status.why())
		return &callError{method: methodUnsubscribe.name, err: err, safe: true, passing: timedOut(ctx, limited)}
	}
}

// Close ends the subscription like [Client.Unsubscribe], but does not wait for the server. Its
// consumer can still read what is queued. The error is always nil. Calling Close again does
// nothing.
func (s *Subscription) Close() error {
	s.c.registry.remove(s, nil)
	return nil
}

// Discard ends the subscription and drops the events that are queued. A consumer that waits
// returns, the channel of [Subscription.Events] is closed, and [Client.Drain] does not wait for the
// subscription. Call it to stop reading before the end. It does not block, and may be called after
// Close and more than once.
func (s *Subscription) Discard() {
	s.c.registry.remove(s, nil)
	s.queue.discard()
}

// finish ends a subscription: its queue, and all waits for its confirmation or its end.
func (s *Subscription) finish(cause error) {
	s.queue.end(cause)
	close(s.ended)
	s.confirm.Do(func() { close(s.confirmed) })
}

// closeGap closes the open gaps of a cause.
func (s *Subscription) closeGap(cause GapCause, at time.Time) {
	if s.queue.closeGap(cause, at) {
		post(s.gapped)
	}
}

// miss records an event that was too large as a gap.
func (s *Subscription) miss(at time.Time) {
	s.queue.lack(Gap{Cause: GapTooLarge, From: at, To: at, Count: 1})
	post(s.gapped)
}

// post puts a token into a channel with capacity 1, unless it holds one already.
func post(tokens chan<- struct{}) {
	select {
	case tokens <- struct{}{}:
	default:
	}
}

func (s *Subscription) isConfirmed() bool {
	select {
	case <-s.confirmed:
		return true
	default:
		return false
	}
}

func (s *Subscription) isEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// Err returns the cause of the subscription's end: nil while it has not ended, and after an end
// that its consumer, [Client.Close], [Client.Drain] or the last event of a watched run caused. It
// does not block.
func (s *Subscription) Err() error {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return s.queue.err
}

// Dropped returns how many events were dropped because the queue was full. It does not block.
func (s *Subscription) Dropped() uint64 {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return s.queue.dropped
}
