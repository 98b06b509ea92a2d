package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/xraph/dispatch/client"
)

// newEnder closes or drains the client in the middle of everything.
func newEnder(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	at, drain := below(r, s.chaos), r.IntN(2) == 0
	return fmt.Sprintf("after %v, drain %v", at, drain), func(ctx context.Context, w *world) {
		if pause(w.chaos, at) != nil {
			return
		}
		w.end()
		if !drain {
			w.history.add(name, "close")
			if err := w.client.Close(); err != nil {
				w.violate("Close: %v", err)
			}
			return
		}
		_, err := w.calls.do(ctx, name, "drain", "", callMost, func(ctx context.Context) (string, error) { return "", w.client.Drain(ctx) })
		if err == nil && w.client.State() != client.StateClosed {
			w.violate("drained, and then %v", w.client.State())
		}
	}
}

// newReconnector replaces the client's session now and then.
func newReconnector(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(4)
	return fmt.Sprintf("%d times", n), func(ctx context.Context, w *world) {
		for range n {
			if pause(w.chaos, below(r, s.chaos/time.Duration(n))) != nil {
				return
			}
			_, _ = w.calls.do(ctx, name, "reconnect", "", callMost, func(ctx context.Context) (string, error) { return "", w.client.Reconnect(ctx) })
		}
	}
}

// end notes that the client is about to end on purpose.
func (w *world) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.endedAt.IsZero() {
		w.endedAt = time.Now()
	}
}

// wasEnded reports whether the workload has closed or drained the client.
func (w *world) wasEnded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.endedAt.IsZero()
}

// newObserver follows the client's changes of state and sees that they make a chain.
func newObserver(*rand.Rand, string, stage) (string, func(context.Context, *world)) {
	return "", func(ctx context.Context, w *world) {
		var last *client.Transition
		for t := range w.client.Transitions(ctx) {
			w.history.add("state", "%v -> %v, attempt %d, in %v: %v", t.From, t.To, t.Attempt, t.Delay, t.Cause)
			if last != nil && t.Missed == 0 && t.From != last.To {
				w.violate("a transition from %v after one to %v", t.From, last.To)
			}
			last = &t
		}
		if last != nil && last.To != client.StateClosed {
			w.violate("the transitions ended with one to %v", last.To)
		}
	}
}
