package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
)

// subscriber is a subscription and what its consumer got from it.
type subscriber struct {
	name, channel string
	policy        client.Overflow
	buffer        int
	byChannel     bool // takes events from Events, else with Next

	mu      sync.Mutex
	sub     *client.Subscription
	first   int // ticks from this number on were published after Subscribe had returned
	items   []item
	outages []*client.Gap // for the check in the end: those that were announced so far
	left    bool          // the consumer has ended it, or the client
	err     error         // what Next ended with
	over    bool          // Next has ended
}

// item is what Next returned: a tick, a gap, or something else of no number.
type item struct {
	at   time.Time
	tick int // -1 if it is none
	gap  *client.Gap
}

var channels = []string{
	client.ChannelJobs, client.ChannelWorkflows, client.ChannelFirehose, tickTopics[0], tickTopics[1], tickTopics[2],
	client.QueueChannel("critical"), client.QueueChannel("default"), client.QueueChannel("nobody"),
}

// newPublisher has the server publish ticks, at once or in the course of time.
func newPublisher(r *rand.Rand, _ string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(s.publish)
	burst := 1 + r.IntN(min(n, mostAtOnce))
	if r.IntN(3) == 0 {
		burst = 1
	}
	return fmt.Sprintf("%d ticks, %d at once", n, burst), func(_ context.Context, w *world) {
		for i := range n {
			if i%burst == 0 && pause(w.chaos, below(r, 2*s.chaos*time.Duration(burst)/time.Duration(n)+1)) != nil {
				return
			}
			w.ticks.publish(pick(r, tickTopics...), pick(r, tickQueues...), s.large && r.IntN(10) == 0)
		}
	}
}

// newSubscriber subscribes and consumes, at its own pace, to the end or until it has had enough.
func newSubscriber(r *rand.Rand, name string, _ stage) (string, func(context.Context, *world)) {
	x := &subscriber{
		name: name, channel: pick(r, channels...), buffer: pick(r, 1, 2, 10, 100, 1024),
		policy: pick(r, client.OverflowDropOldest, client.OverflowDropOldest, client.OverflowDropNewest, client.OverflowFail),
	}
	x.byChannel = r.IntN(4) == 0
	var slowness time.Duration
	if r.IntN(2) == 0 {
		slowness = below(r, time.Second)
	}
	enough, way := -1, r.IntN(3)
	if r.IntN(4) == 0 {
		enough = r.IntN(100)
	}
	parameters := fmt.Sprintf("%s, buffer %d, policy %v, by channel %v, slow by %v, ends after %d", x.channel, x.buffer, x.policy, x.byChannel, slowness, enough)
	return parameters, func(ctx context.Context, w *world) {
		if !w.subscribe(ctx, x) {
			return
		}
		for n := 0; ; n++ {
			if n == enough { // from inside the consumer
				w.leave(ctx, x, way)
			}
			if !x.next(ctx) {
				break
			}
			select {
			case <-w.settled:
			case <-time.After(slowness):
			}
		}
		w.history.add(name, "over: %v, dropped %d", x.err, x.sub.Dropped())
		x.checkOver(w)
	}
}

// subscribe tries until there is a subscription or no point in trying.
func (w *world) subscribe(ctx context.Context, x *subscriber) bool {
	for {
		_, err := w.calls.do(ctx, x.name, client.MethodSubscribe, x.channel, callMost, func(ctx context.Context) (string, error) {
			sub, err := w.client.Subscribe(ctx, x.channel, client.WithBuffer(x.buffer, 1<<20), client.WithOverflow(x.policy))
			x.mu.Lock()
			defer x.mu.Unlock()
			x.sub, x.first = sub, w.ticks.count()
			if err != nil {
				return "", err
			}
			return sub.ID, nil
		})
		if err == nil {
			w.mu.Lock()
			w.subs = append(w.subs, x)
			w.mu.Unlock()
			return true
		}
		if w.client.State() == client.StateClosed || pause(w.chaos, time.Second) != nil {
			return false
		}
	}
}

// unsubscribe ends a subscription by its ID, twice.
func (w *world) unsubscribe(ctx context.Context, x *subscriber) {
	for range 2 {
		_, err := w.calls.do(ctx, x.name, client.MethodUnsubscribe, x.channel, callMost, func(ctx context.Context) (string, error) {
			return x.sub.ID, w.client.Unsubscribe(ctx, x.sub.ID)
		})
		if err != nil && x.sub.Err() != nil && !w.effects.has(refuses) {
			w.violate("%s: unsubscribed with %v, and ended with %v", x.name, err, x.sub.Err())
		}
	}
}

// leave ends a subscription in one of three ways, and then by its ID.
func (w *world) leave(ctx context.Context, x *subscriber, way int) {
	x.mu.Lock()
	x.left = true
	x.mu.Unlock()
	switch way {
	case 0:
		_ = x.sub.Close()
	case 1:
		x.sub.Discard()
	}
	w.unsubscribe(ctx, x)
}

// next takes one event.
func (x *subscriber) next(ctx context.Context) bool {
	ev, err := x.take(ctx)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		x.err, x.over = err, true
		return false
	}
	got := item{at: time.Now(), tick: -1}
	if gap, ok := ev.Payload().(*client.Gap); ok {
		got.gap = gap
	} else if number, ok := tickNumber(ev.Topic, ev.Data); ok {
		got.tick = number
	}
	x.items = append(x.items, got)
	return true
}

// take waits for the next event, a minute at a time. A closed channel leaves the rest to Next.
func (x *subscriber) take(ctx context.Context) (*client.Event, error) {
	if x.byChannel {
		if ev, ok := <-x.sub.Events(); ok {
			return ev, nil
		}
		x.byChannel = false
	}
	for {
		brief, cancel := context.WithTimeout(ctx, time.Minute)
		ev, err := x.sub.Next(brief)
		cancel()
		if err == nil || !errors.Is(err, context.DeadlineExceeded) {
			return ev, err
		}
	}
}

// checkOver sees that a subscription that is over says why.
func (x *subscriber) checkOver(w *world) {
	x.mu.Lock()
	defer x.mu.Unlock()
	cause := x.sub.Err()
	var refused *client.Error
	switch {
	case errors.As(x.err, &refused) && passing[refused.Code]:
		w.violate("%s: ended with %v, which passes", x.name, x.err)
	case x.err == io.EOF && cause != nil, x.err != io.EOF && !errors.Is(x.err, cause):
		w.violate("%s: Next ended with %v, and the cause is %v", x.name, x.err, cause)
	case x.err == io.EOF:
		if !x.left && w.client.State() != client.StateClosed && w.client.State() != client.StateDraining {
			w.violate("%s: ended without an error, though its actor had not ended it", x.name)
		}
	case errors.Is(x.err, client.ErrOverflow):
		if x.policy != client.OverflowFail {
			w.violate("%s: %v, with policy %v", x.name, x.err, x.policy)
		}
	case w.client.State() == client.StateClosed && errors.Is(x.err, w.client.Err()):
	case !w.effects.has(refuses):
		w.violate("%s: ended with %v, though the server refused nothing", x.name, x.err)
	}
}

// passing are the codes of faults after which a subscription is asked for again.
var passing = map[client.Code]bool{402: true, 409: true, 429: true, 500: true, 503: true}

// newChurner subscribes and leaves again, over and over, on channels that others use.
func newChurner(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(30)
	return fmt.Sprintf("%d times", n), func(ctx context.Context, w *world) {
		for i := range n {
			x := &subscriber{name: fmt.Sprintf("%s/%d", name, i), channel: pick(r, channels...), buffer: 10}
			wait, stay, way := below(r, s.chaos/time.Duration(n)), below(r, time.Second), r.IntN(3)
			if r.IntN(3) == 0 {
				stay = 0
			}
			if pause(w.chaos, wait) != nil || !w.subscribe(ctx, x) {
				return
			}
			w.followers.Go(func() {
				for x.next(ctx) {
				}
				x.checkOver(w)
			})
			_ = pause(ctx, stay)
			w.leave(ctx, x, way)
		}
	}
}

// newAbandoner takes some events from a channel and stops receiving, and discards the subscription
// some time later, perhaps when it has ended.
func newAbandoner(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	// keeps no items
	x := &subscriber{name: name, channel: pick(r, channels...), buffer: pick(r, 1, 100), byChannel: true, left: true, over: true}
	takes, stays, ends := r.IntN(5), below(r, 2*s.chaos), r.IntN(2) == 0
	parameters := fmt.Sprintf("%s, takes %d, discards after %v, ends before %v", x.channel, takes, stays, ends)
	return parameters, func(ctx context.Context, w *world) {
		if !w.subscribe(ctx, x) {
			return
		}
		events := x.sub.Events()
		for n := 0; n < takes && w.client.State() != client.StateClosed; {
			select {
			case _, open := <-events:
				if n++; !open {
					n = takes
				}
			case <-time.After(s.chaos):
				n = takes
			}
		}
		if ends {
			_ = x.sub.Close()
		}
		_ = pause(w.chaos, stays)
		x.sub.Discard()
		more := 0
		for range events {
			more++
		}
		if more > 1 { // which was on its way
			w.violate("%s: discarded, and then %d events", name, more)
		}
		if ev, err := x.sub.Next(ctx); !errors.Is(err, io.EOF) && x.sub.Err() == nil && w.client.Err() == nil {
			w.violate("%s: discarded, and then %+v, %v", name, ev, err)
		}
	}
}
