package client

import (
	"context"
	"slices"
	"sync"
)

// detached runs a user's function on goroutines of their own, so that one that ignores its ctx
// holds up nobody. A run that outlives its attempt is left behind. When there are enough of these,
// the next attempt takes over the oldest rather than begin another, so their number is bounded.
type detached[T any] struct {
	most    int     // runs that may be left behind
	discard func(T) // takes what a run that was left behind returns

	mu   sync.Mutex
	left []*run[T]
}

// run is one call of the function.
type run[T any] struct {
	done chan struct{} // closed when it has returned
	v    T
	err  error
}

// do returns what f, or a run that it takes over, returns. If ctx ends first, it has left the run
// behind, and the error is that of ctx.
func (d *detached[T]) do(ctx context.Context, f func() (T, error)) (v T, left bool, err error) {
	for {
		r, earlier := d.begin(f)
		select {
		case <-r.done:
			if earlier && r.err != nil && ctx.Err() == nil {
				continue // the error is that of an attempt that has ended
			}
			return r.v, false, r.err
		case <-ctx.Done():
			d.leave(r)
			return v, true, ended(ctx)
		}
	}
}

// begin starts a run of f, or takes over an earlier one.
func (d *detached[T]) begin(f func() (T, error)) (r *run[T], earlier bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.left) >= d.most {
		r = d.left[0]
		d.left = slices.Delete(d.left, 0, 1)
		return r, true
	}
	r = &run[T]{done: make(chan struct{})}
	go func() {
		r.v, r.err = f()
		d.end(r)
	}()
	return r, false
}

// end hands over what a run has returned, or discards it if nobody waits.
func (d *detached[T]) end(r *run[T]) {
	d.mu.Lock()
	i := slices.Index(d.left, r)
	if i >= 0 {
		d.left = slices.Delete(d.left, i, i+1)
	}
	close(r.done)
	d.mu.Unlock()
	if i >= 0 && r.err == nil {
		d.discard(r.v)
	}
}

// leave gives a run up. It may have returned just now.
func (d *detached[T]) leave(r *run[T]) {
	d.mu.Lock()
	over := false
	select {
	case <-r.done:
		over = true
	default:
		d.left = append(d.left, r)
	}
	d.mu.Unlock()
	if over && r.err == nil {
		d.discard(r.v)
	}
}
