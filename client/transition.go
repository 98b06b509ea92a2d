package client

import (
	"context"
	"iter"
	"sync"
	"time"
)

// keptTransitions is how many changes of state are kept for somebody who is slow to pull them.
const keptTransitions = 64

// Transition is a change of a client's state.
type Transition struct {
	From, To State
	Cause    error         // what was lost, or why an attempt failed or the client closed; nil when ready
	Attempt  int           // the number of the attempt to reconnect, from 1; 0 elsewhere
	Delay    time.Duration // when backing off: until the next attempt
	Time     time.Time
	Missed   int // so many transitions before this one were left out, because nobody pulled them in time
}

// Transitions returns the changes of state from now on, in their order. They are kept for whoever ranges over them, the latest
// 64; Missed tells how many were left out. The sequence ends with ctx or after the transition to
// [StateClosed], and is for one consumer. What it holds is released when ctx ends or the client closes.
func (c *Client) Transitions(ctx context.Context) iter.Seq[Transition] {
	o := c.status.observe()
	forget := context.AfterFunc(ctx, func() { c.status.forget(o) })
	return func(yield func(Transition) bool) {
		for {
			t, ok := o.next(ctx)
			if !ok {
				forget()
				c.status.forget(o)
				return
			}
			if !yield(t) {
				return
			}
		}
	}
}

func (st *status) observe() *observer {
	o := &observer{wake: make(chan struct{}, 1)}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.now == StateClosed {
		o.over = true
	} else {
		st.observers[o] = struct{}{}
	}
	return o
}

func (st *status) forget(o *observer) {
	st.mu.Lock()
	defer st.mu.Unlock()
	delete(st.observers, o)
}

// observer keeps transitions until they are pulled.
type observer struct {
	wake chan struct{}

	mu     sync.Mutex
	kept   []Transition
	missed int
	over   bool
}

func (o *observer) note(t Transition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.kept) == keptTransitions {
		o.missed += 1 + o.kept[0].Missed
		o.kept = append(o.kept[:0], o.kept[1:]...)
		o.kept[0].Missed += o.missed
		o.missed = 0
	}
	o.kept = append(o.kept, t)
	o.over = o.over || t.To == StateClosed
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *observer) next(ctx context.Context) (Transition, bool) {
	for {
		o.mu.Lock()
		if len(o.kept) > 0 && ctx.Err() == nil {
			t := o.kept[0]
			o.kept = append(o.kept[:0], o.kept[1:]...)
			o.mu.Unlock()
			return t, true
		}
		over := o.over
		o.mu.Unlock()
		if over {
			return Transition{}, false
		}
		select {
		case <-o.wake:
		case <-ctx.Done():
			return Transition{}, false
		}
	}
}
