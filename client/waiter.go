package client

import "context"

// waiter is who waits at the gate, for a session.
type waiter uint8

const (
	// newCall is a user's call. So many may wait.
	newCall waiter = iota
	// admittedCall is a user's call that has been let in before, and waits because its session was
	// lost. It has its place.
	admittedCall
	// ownRead is a read of the client's own, in Watch and Await. It goes when no call waits any
	// more.
	ownRead
	// readyWait is no call, and waits even if calls are to fail fast.
	readyWait
)

// waitReady returns the session, waiting for it until ctx ends. It fails if calls are to fail fast,
// or if too many wait already.
func (st *status) waitReady(ctx context.Context, cfg *config, w waiter) (*session, error) {
	if s := st.current.Load(); s != nil && !s.isDead() && w != ownRead {
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
			if cfg.failFast && w != readyWait {
				return nil, ErrNotConnected
			}
		case w != ownRead || st.ahead == 0:
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

// joinLocked counts one that waits at the gate.
func (st *status) joinLocked(w waiter) error {
	if w == newCall {
		if err := st.queueLocked(); err != nil {
			return err
		}
	}
	if w != ownRead {
		st.ahead++
	}
	return nil
}

// leaveLocked undoes joinLocked, and lets the followers go after the last of the others.
func (st *status) leaveLocked(w waiter) {
	if w == newCall {
		st.waiting--
	}
	if w != ownRead {
		if st.ahead--; st.ahead == 0 {
			st.wakeLocked()
		}
	}
}

// waitLocked lets go of the lock until the next change. It returns false if ctx ends first.
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

// queue counts a call that waits for something else than the gate, until it leaves.
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
