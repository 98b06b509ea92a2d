package client

import (
	"context"
	"slices"
	"sync"
)

// detached runs a user's function in a goroutine, so that a function that ignores its ctx does not
// block the caller. A run that outlives its ctx is abandoned. Once max runs are abandoned, the next
// attempt waits for the oldest of them instead of starting another, which bounds the goroutines.
type detached[T any] struct {
	max     int     // runs that may be abandoned at a time
	discard func(T) // called with the result of an abandoned run

	mu        sync.Mutex
	abandoned []*run[T] // oldest first
}

// run is one call of the function.
type run[T any] struct {
	done chan struct{} // closed when the function has returned
	v    T
	err  error
}

// do returns the result of f, or of an abandoned run that it takes over. If ctx ends first, it
// abandons the run, reports left as true and returns the error of ctx.
func (d *detached[T]) do(ctx context.Context, f func() (T, error)) (v T, left bool, err error) {
	for {
		r, earlier := d.begin(f)
		select {
		case <-r.done:
			if earlier && r.err != nil && ctx.Err() == nil {
				continue // it is the error of an earlier attempt
			}
			return r.v, false, r.err
		case <-ctx.Done():
			d.abandon(r)
			return v, true, ended(ctx)
		}
	}
}

// begin starts a run of f, or takes over the oldest abandoned run if there are too many.
func (d *detached[T]) begin(f func() (T, error)) (r *run[T], earlier bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.abandoned) >= d.max {
		r = d.abandoned[0]
		d.abandoned = slices.Delete(d.abandoned, 0, 1)
		return r, true
	}
	r = &run[T]{done: make(chan struct{})}
	go func() {
		r.v, r.err = f()
		d.finish(r)
	}()
	return r, false
}

// finish passes the result of a run to its caller, or discards it if the run was abandoned.
func (d *detached[T]) finish(r *run[T]) {
	d.mu.Lock()
	i := slices.Index(d.abandoned, r)
	if i >= 0 {
		d.abandoned = slices.Delete(d.abandoned, i, i+1)
	}
	close(r.done)
	d.mu.Unlock()
	if i >= 0 && r.err == nil {
		d.discard(r.v)
	}
}

// abandon stops waiting for a run. The run may have returned in the meantime; then its result is
// discarded here.
func (d *detached[T]) abandon(r *run[T]) {
	d.mu.Lock()
	returned := false
	select {
	case <-r.done:
		returned = true
	default:
		d.abandoned = append(d.abandoned, r)
	}
	d.mu.Unlock()
	if returned && r.err == nil {
		d.discard(r.v)
	}
}
