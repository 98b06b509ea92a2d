// This file is EnqueueMany with interceptors.

package client

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// errItemEnded is the error of an item whose goroutine an interceptor has ended.
var errItemEnded = errors.New("an interceptor ended the goroutine of the call")

// itemCall is an item that is taken through the interceptors, on a goroutine of its own.
type itemCall struct {
	item   EnqueueItem
	sent   chan struct{} // closed when its request is on its way for the first time
	ended  chan struct{}
	result *EnqueueResult
	err    error
}

// enqueueIntercepted enqueues the items of a sequence through the interceptors. It takes an item
// when the one before was sent or has ended.
func (c *Client) enqueueIntercepted(ctx context.Context, cfg batchConfig, items iter.Seq[EnqueueItem], yield func(Enqueued, error) bool) {
	within, cancel := context.WithCancel(ctx)
	defer cancel() // what is left when user code panics, or ends the goroutine
	var calls []*itemCall
	for item := range items {
		over := ended(ctx) != nil || c.ctx.Err() != nil || c.inFlight.draining.Load()
		call := &itemCall{item: item, sent: make(chan struct{}), ended: make(chan struct{})}
		calls = append(calls, call)
		if err := cfg.check(); err != nil {
			call.err, over = &callError{method: methodJobEnqueue.name, err: err, safe: true}, true
			close(call.ended)
		} else {
			go call.run(within, c)
		}
		select {
		case <-call.sent:
		case <-call.ended:
		}
		var more bool
		if calls, more = deliverCalls(calls, cfg.window, yield); !more {
			yield = func(Enqueued, error) bool { return true }
		}
		if over || !more {
			break
		}
	}
	for len(calls) > 0 {
		var more bool
		if calls, more = deliverCalls(calls, 1, yield); !more {
			yield = func(Enqueued, error) bool { return true }
		}
	}
}

// deliverCalls yields the results that have come, in order, and waits while a window is full. It
// returns the calls that are left, and false if yield has.
func deliverCalls(calls []*itemCall, window int, yield func(Enqueued, error) bool) ([]*itemCall, bool) {
	for len(calls) > 0 {
		call := calls[0]
		if len(calls) < window {
			select {
			case <-call.ended:
			default:
				return calls, true
			}
		}
		<-call.ended
		calls = calls[1:]
		done := Enqueued{Item: call.item}
		if call.result != nil {
			done.Result = *call.result
		}
		if !yield(done, call.err) {
			return calls, false
		}
	}
	return calls, true
}

// run makes the call.
func (i *itemCall) run(ctx context.Context, c *Client) {
	defer close(i.ended)
	m := &methodJobEnqueue
	r, ok := newEnqueueRequest(i.item.Name, i.item.Payload, i.item.Options)
	if !ok {
		i.err = foreignOption(m)
		return
	}
	req := copied(r)
	var once sync.Once
	req.sent = func() { once.Do(func() { close(i.sent) }) }
	i.err = &callError{method: m.name, err: errItemEnded}
	i.result, i.err = intercepted(ctx, c, batchCall, m, req, scanNew[EnqueueResult])
}
