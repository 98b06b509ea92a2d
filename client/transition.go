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
	// It is [ErrTokenExpiring] or [ErrReconnect] when the connection is replaced without a loss.
	Cause   error
	Attempt int           // the number of the attempt to reconnect, from 1; otherwise 0
	Delay   time.Duration // the time until the next attempt; 0 unless backing off
	// Endpoint is the URL of the session or of the attempt that is made or waited for, without the
	// user and the query. If there are several endpoints, Cause names the one that it is about.
	Endpoint string
	Time     time.Time
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
	made   uint64       // how many there have been; the number of the next
	latest []Transition // at most keptTransitions, each at its number modulo that
}

func (h *history) add(t Transition) {
	if len(h.latest) < keptTransitions {
		h.latest = append(h.latest, t)
	} else {
		h.latest[h.made%keptTransitions] = t
	}
	h.made++
}

// after returns the oldest kept transition that has not been seen, and advances seen past it.
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

// transitions returns how many transitions there have been.
func (st *status) transitions() uint64 {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.history.made
}

// next waits for the transition after those that were seen. It returns false when ctx has ended, or
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
