package client

import (
	"context"
	"iter"
	"time"
)

// keptTransitions is how many changes of state are kept for consumers that are slow to read them.
const keptTransitions = 64

// Transition is a change of a client's state.
type Transition struct {
	From, To State
	// Cause is why the connection was lost, an attempt failed or the client closed; nil when ready.
	Cause   error
	Attempt int           // the number of the attempt to reconnect, from 1; 0 elsewhere
	Delay   time.Duration // when backing off: until the next attempt
	Time    time.Time
	// Missed is how many transitions before this one were dropped, because the consumer was slow.
	Missed int
}

// Transitions returns the changes of state from now on, in order, for one range loop. The loop
// blocks until the next change. It ends with ctx, or after the transition to [StateClosed]. The
// client keeps the latest 64 changes: a slower consumer gets these, and Missed counts the others.
func (c *Client) Transitions(ctx context.Context) iter.Seq[Transition] {
	seen := c.status.transitions()
	return func(yield func(Transition) bool) {
		for {
			t, ok := c.status.next(ctx, &seen)
			if !ok || !yield(t) {
				return
			}
		}
	}
}

// history is the latest transitions. Each consumer reads them at its own pace.
type history struct {
	made   uint64 // all there have been; the number of the next
	latest [keptTransitions]Transition
}

func (h *history) add(t Transition) {
	h.latest[h.made%keptTransitions] = t
	h.made++
}

// after returns the oldest transition that is kept of those from a number on, and moves the number
// behind it.
func (h *history) after(seen *uint64) (t Transition, ok bool) {
	if *seen == h.made {
		return t, false
	}
	from := max(*seen, h.made-min(h.made, keptTransitions))
	t = h.latest[from%keptTransitions]
	t.Missed = int(from - *seen)
	*seen = from + 1
	return t, true
}

// transitions is how many there have been.
func (st *status) transitions() uint64 {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.history.made
}

// next waits for the transition after those that have been seen. It fails when ctx has ended, or
// after the last one.
func (st *status) next(ctx context.Context, seen *uint64) (t Transition, ok bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for ctx.Err() == nil {
		if t, ok := st.history.after(seen); ok {
			return t, true
		}
		if st.now == StateClosed || !st.waitLocked(ctx) {
			break
		}
	}
	return t, false
}
