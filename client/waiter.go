package client

import "context"

// waiter is the kind of a waiter for a session.
type waiter uint8

const (
	// newCall is a user's call. Limits.WaitingCalls limits how many of them wait.
	newCall waiter = iota
	// admittedCall is a user's call that was admitted before and waits because its session was
	// lost. It does not count against the limit.
	admittedCall
	// ownRead is a read of Watch, AwaitJob or AwaitWorkflow. It goes when no call waits any more.
	ownRead
	// runRead is the same for a run that RunWorkflow has started. A drain waits for the run, so it
	// does not refuse its reads.
	runRead
	// runCall is the request of such a run through interceptors, which a drain waits for as well.
	runCall
	// batchCall is an item of EnqueueMany that goes through interceptors. It does not count against
	// the limit, and waits for a place among the calls in flight.
	batchCall
	// readyWait is a wait in Client.Ready. It waits even if calls fail fast.
	readyWait
)

// isRead reports whether the client itself reads a record.
func (w waiter) isRead() bool { return w == ownRead || w == runRead }

// waitReady returns the session, and waits for one until ctx ends. It returns an error at once if
// calls fail fast, or if too many calls wait already.
func (st *status) waitReady(ctx context.Context, cfg *config, w waiter) (*session, error) {
	if s := st.current.Load(); s != nil && !s.isDead() && !w.isRead() {
		return s, nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for waits := false; ; {
		s := st.current.Load()
		switch {
		case st.now == StateClosed:
			return nil, st.callErrorLocked()
		case s == nil || s.isDead():
			if cfg.failFast && w != readyWait && !st.planned {
				return nil, ErrNotConnected
			}
		case !w.isRead() || st.ahead == 0:
			return s, nil
		}
		if !waits {
			if err := st.joinLocked(w); err != nil {
				return nil, err
			}
			defer st.leaveLocked(w)
			waits = true
		}
		if !st.waitLocked(ctx) {
			return nil, waited(ctx, "a session", st.trouble)
		}
	}
}

// joinLocked counts a waiter.
func (st *status) joinLocked(w waiter) error {
	if w == newCall {
		if err := st.queueLocked(); err != nil {
			return err
		}
	}
	if !w.isRead() {
		st.ahead++
	}
	return nil
}

// leaveLocked undoes joinLocked, and wakes the followers' reads after the last of the other
// waiters.
func (st *status) leaveLocked(w waiter) {
	if w == newCall {
		st.waiting--
	}
	if !w.isRead() {
		if st.ahead--; st.ahead == 0 {
			st.wakeLocked()
		}
	}
}

// waitLocked releases the lock until the next change. It returns false if ctx ends first.
func (st *status) waitLocked(ctx context.Context) bool {
	changed := st.changed
	st.mu.Unlock()
	defer st.mu.Lock()
	select {
	case <-changed:
		return true
	case <-ctx.Done():
		return false
	}
}

// queue counts a call that waits for something other than the session, until leave is called.
func (st *status) queue() (leave func(), err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := st.queueLocked(); err != nil {
		return nil, err
	}
	return func() {
		st.mu.Lock()
		defer st.mu.Unlock()
		st.waiting--
	}, nil
}

func (st *status) queueLocked() error {
	if st.waiting >= st.max {
		return &LimitError{Limit: "waiting calls", Field: "WaitingCalls", Max: st.max, kind: ErrTooManyCalls}
	}
	st.waiting++
	return nil
}
