package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Subscription delivers the events of a channel, over reconnects, until it is ended or the client
// closed. Its events are pulled by one consumer at a time: with [Subscription.Next],
// [Subscription.All] or [Subscription.Events]. All methods are safe for concurrent use.
type Subscription struct {
	ID      string // unique in the client, and stable over reconnects; the server does not know it
	Channel string // as it was asked for

	c     *Client
	key   string // what ID was made as: users can overwrite that
	route route
	index int // in its channel; the registry's
	queue queue
	turn  chan struct{} // the consumer's: one at a time

	confirmed chan struct{} // closed when the server has confirmed it first, or it has ended
	confirm   sync.Once
	ended     chan struct{}     // closed when it has ended
	gapped    chan struct{}     // holds one token after a gap, for whoever follows an entity
	until     func(*Event) bool // reports the last event that it wants; nil for none

	// Set for a subscription of the client's own that wants to know about events and takes none.
	ends func(EventType) bool
	over chan struct{} // holds one token after an event of which ends is true

	pump   sync.Once
	events chan *Event
}

// SubscribeOption configures a subscription.
type SubscribeOption func(*Subscription)

// WithBuffer bounds a subscription's queue by a number of events, from 1 to 16,777,216, and by the
// bytes that they keep in memory, from 1 to 1 GiB. A single event that is larger than that is still
// delivered. Default: 1,024 events, 8 MiB.
func WithBuffer(events, bytes int) SubscribeOption {
	return func(s *Subscription) { s.queue.maxEvents, s.queue.maxBytes = events, bytes }
}

// WithOverflow says what becomes of events that the queue has no room for. Default:
// [OverflowDropOldest].
func WithOverflow(policy Overflow) SubscribeOption {
	return func(s *Subscription) { s.queue.policy = policy }
}

// Subscribe subscribes to a channel: jobs, workflows, firehose, job:<id>, workflow:<run id> or
// queue:<name>; see [JobChannel] and its like. It returns once the server has confirmed it, and not
// later than ctx ends; a server that does not answer within 15 s is asked again. Any number of
// subscriptions to one channel are one on the server, and each of them gets every event once. An
// [*Error] is the server's refusal; [ErrTooManySubscriptions], [ErrTooManyCalls] (see
// [Limits]), [ErrClosed] and [ErrDraining] are the client's.
//
// A subscription that was confirmed is restored after each loss of the connection. It ends if the
// server refuses that with 400, 401, 403, 404 or 405. After any other code, or no answer, the
// server is asked again with back-off, and the [Gap] of the outage lasts until it confirms.
func (c *Client) Subscribe(ctx context.Context, channel string, opts ...SubscribeOption) (*Subscription, error) {
	sub, err := c.newSubscription(channel, opts)
	if err == nil {
		err = c.subscribe(ctx, sub)
	}
	if err != nil {
		return nil, subscribeError(err)
	}
	return sub, nil
}

// subscribeError is the error of a subscription that was not made. The server's word stays what it
// is.
func subscribeError(err error) error {
	var refused *Error
	var garbled *ReplyError
	if errors.As(err, &refused) || errors.As(err, &garbled) {
		return err
	}
	passing := errors.Is(err, ErrNotConnected) || errors.Is(err, ErrTooManyCalls)
	return &callError{method: methodSubscribe.name, err: err, safe: true, passing: passing}
}

func (c *Client) newSubscription(channel string, opts []SubscribeOption) (*Subscription, error) {
	sub := &Subscription{
		Channel:   channel,
		c:         c,
		turn:      make(chan struct{}, 1),
		confirmed: make(chan struct{}),
		ended:     make(chan struct{}),
		gapped:    make(chan struct{}, 1),
		events:    make(chan *Event),
	}
	sub.queue.maxEvents, sub.queue.maxBytes = queueEvents, queueBytes
	sub.queue.wake = make(chan struct{}, 1)
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

// enlist makes the local route and has the server told if it does not know the channel.
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

// subscribe enlists a subscription and waits for the server's word.
func (c *Client) subscribe(ctx context.Context, sub *Subscription) error {
	if err := c.enlist(ctx, sub); err != nil {
		return err
	}
	err := c.confirmed(ctx, sub)
	if err != nil {
		sub.Discard() // which nobody gets
	}
	return err
}

// confirmed waits for the server's word on a subscription.
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
		return nil // events came before the server's word, and too many: the consumer will see
	case err != nil:
		return err
	case c.ctx.Err() != nil || c.inFlight.draining.Load():
		return c.noSubscriptions()
	}
	return nil // even the last event that it wants came before
}

// noSubscriptions is why the registry accepts none any more.
func (c *Client) noSubscriptions() error {
	if c.ctx.Err() != nil {
		return c.status.callError()
	}
	return ErrDraining
}

// Unsubscribe ends the subscription with this ID, whatever the result: its consumer gets what is
// queued and then io.EOF. If it was the last one of its channel, Unsubscribe tells the server and
// waits for its word, until ctx ends. It is nil for an ID that is unknown or has ended.
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
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return &callError{method: methodUnsubscribe.name, err: waited(ctx, "the confirmation", c.status.why()), safe: true}
	}
}

// Close ends the subscription like [Client.Unsubscribe], without waiting for the server: what is
// queued can still be pulled. It is nil, and may be called twice.
func (s *Subscription) Close() error {
	s.c.registry.remove(s, nil)
	return nil
}

// Discard ends the subscription like [Subscription.Close] and gives up what is queued, so that
// nothing of it is kept and [Client.Drain] does not wait for it. A consumer that waits gets the end
// at once, and the channel of [Subscription.Events] is closed. It is for consumers that stop before
// the end. It does not block, and may be called after Close and more than once.
func (s *Subscription) Discard() {
	s.c.registry.remove(s, nil)
	s.queue.discard()
}

// finish lets the consumer have what is queued, and wakes whoever waits for the subscription.
func (s *Subscription) finish(cause error) {
	s.queue.end(cause)
	close(s.ended)
	s.confirm.Do(func() { close(s.confirmed) })
}

// closeGap ends the open gaps of a cause.
func (s *Subscription) closeGap(cause GapCause, at time.Time) {
	if s.queue.closeGap(cause, at) {
		post(s.gapped)
	}
}

// miss leaves a gap in the place of an event that was too large.
func (s *Subscription) miss(at time.Time) {
	s.queue.lack(Gap{Cause: GapTooLarge, From: at, To: at, Count: 1})
	post(s.gapped)
}

// post puts a token into a channel that has room for one.
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

// Err is nil as long as the subscription lives and when it ended in order, and else the cause of
// its end.
func (s *Subscription) Err() error {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return s.queue.err
}

// Dropped is how many events the queue had no room for.
func (s *Subscription) Dropped() uint64 {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return s.queue.dropped
}
