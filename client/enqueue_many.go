package client

import (
	"context"
	"fmt"
	"iter"
)

const (
	// defaultWindow is how many items of a batch are under way at once.
	defaultWindow = 256
	mostWindow    = 1 << 16
)

// EnqueueItem is a job for [Client.EnqueueMany], with what [Client.Enqueue] takes.
type EnqueueItem struct {
	Name    string
	Payload any
	Options []EnqueueOption
}

// Enqueued is an item of [Client.EnqueueMany] that has ended.
type Enqueued struct {
	Item   EnqueueItem
	Result EnqueueResult // the server's receipt; zero if there is an error
}

// EnqueueManyOption is an option of [Client.EnqueueMany].
type EnqueueManyOption interface {
	applyTo(b *batchConfig)
}

type batchConfig struct{ window int }

// check returns an error if an option is out of its range.
func (b *batchConfig) check() error {
	if err := within(b.window, 1, mostWindow); err != nil {
		return fmt.Errorf("WithWindow: %w", err)
	}
	return nil
}

type withWindow int

func (w withWindow) applyTo(b *batchConfig) { b.window = int(w) }

// WithWindow sets how many items of a batch are under way at once: 1 to 65,536, by default 256.
// With a window of 1, each result is received before the next item is taken.
func WithWindow(items int) EnqueueManyOption { return withWindow(items) }

// EnqueueMany enqueues the jobs of a sequence, with many of them under way at once, and returns
// their results in the order of the items:
//
//	for done, err := range c.EnqueueMany(ctx, items) {
//		if err != nil {
//			log.Printf("%s: %v", done.Item.Name, err)
//		}
//	}
//
// Each item that is taken from the sequence has one result, as of [Client.Enqueue]: a receipt, or
// the error of this item alone. [SafeToRetry] and [RetryMayHelp] tell whether to enqueue it again;
// an [*OutcomeUnknownError] says that the item may have been enqueued. An error does not end the
// range. Items are sent in their order, also over a lost connection: those that were not written
// wait for the next one, and the outcome of those that were written is unknown.
//
// The range takes items while fewer than [WithWindow] of them are under way, and their encoded
// requests have no more than Limits.PendingBytes; with interceptors, only the window bounds them.
// It waits for places among the calls in flight (Limits.InFlightCalls), so they cause no
// [ErrTooManyCalls]. While there is no connection, a batch counts as one waiting call.
//
// ctx bounds the whole range. When ctx has ended, or the client is closed or draining, the next
// item that is taken has that as its error, and the range ends with the results of those before it.
// An option out of its range is the error of the first item, likewise.
//
// EnqueueMany needs no goroutine: the sequence and the body of the loop run on the caller's. So
// while one of the two blocks, no results are received and no items are sent again, and ctx does
// not end the wait; a sequence that waits for something should end with ctx itself. A sequence that
// waits for a result of this range waits forever, unless WithWindow is 1. Breaking out of the range
// takes no more items. It waits, within ctx, for what is under way, and drops the results. A panic
// in the sequence or in the body of the loop does not wait. [Client.Drain] waits for the results of
// what is under way to be received, so do not call it in the body of the loop.
//
// With interceptors, each item is a call on a goroutine of its own. The next item is taken when the
// request of the one before is on its way, so an interceptor that is slow before it calls next
// delays the items after it. A request that an interceptor makes again is not in order.
//
// The range may be used again, which enqueues the sequence again.
func (c *Client) EnqueueMany(ctx context.Context, items iter.Seq[EnqueueItem], opts ...EnqueueManyOption) iter.Seq2[Enqueued, error] {
	cfg := batchConfig{window: defaultWindow}
	for _, o := range opts {
		if o != nil {
			o.applyTo(&cfg)
		}
	}
	return func(yield func(Enqueued, error) bool) {
		if c.cfg.calls != nil {
			c.enqueueIntercepted(ctx, cfg, items, yield)
			return
		}
		p := newPipeline(ctx, c, cfg)
		defer p.abandon() // what is left when user code panics, or ends the goroutine
		for item := range items {
			p.add(item)
			if !p.deliver(yield) {
				yield = func(Enqueued, error) bool { return true }
				break
			}
			if p.over {
				break
			}
		}
		p.finish(yield)
	}
}
