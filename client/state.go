package client

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// State is what a client is doing. [Client.State] returns it, and [Client.Transitions] its changes.
type State int

// The states of a client. The first is StateConnecting, and the last StateClosed.
const (
	StateConnecting State = iota // an attempt to connect is under way
	StateReady                   // there is a session, and calls are sent
	StateBackingOff              // waiting before the next attempt
	StateDraining                // finishing what was begun; nothing new is accepted
	StateClosed                  // closed, see Client.Err
)

func (s State) String() string {
	switch s {
	case StateConnecting:
		return "connecting"
	case StateReady:
		return "ready"
	case StateBackingOff:
		return "backing off"
	case StateDraining:
		return "draining"
	case StateClosed:
		return "closed"
	}
	return fmt.Sprintf("State(%d)", int(s))
}

// status is a client's state. Calls wait on it for a session.
type status struct {
	current atomic.Pointer[session] // read without mu; nil without a ready session

	mu      sync.Mutex
	now     State
	link    State // the same without draining: what the connection does
	session *session
	// the name of the endpoint of the latest attempt, or of the one that is to be made
	endpoint string
	// why there is no session: the cause of the loss or of the latest failure; nil if there is one
	trouble error
	// the session is being replaced on purpose, and the attempt to connect has not failed yet
	planned bool
	// the numbers of the latest session that was ready, and of the one that Reconnect is to replace
	latest, unwanted uint64
	renewals         chan struct{} // holds a token when unwanted has been set

	waiting int // waiting calls that count against max
	max     int
	ahead   int           // waiters that go before followers
	changed chan struct{} // closed and replaced with every change
	cause   error         // why the client closed; nil after Close
	history history
}

func (st *status) init(cfg *config) {
	st.max = cfg.limits.WaitingCalls
	st.changed = make(chan struct{})
	st.renewals = make(chan struct{}, 1)
}

// set makes a transition, unless the client is closed, and wakes everything that waits for a
// change. It sets the time and where the transition comes from, and the endpoint if there is none.
func (st *status) set(t Transition) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.setLocked(t)
}

func (st *status) setLocked(t Transition) bool {
	if st.now == StateClosed {
		return false
	}
	switch {
	case t.To == StateClosed:
		st.link = t.To
	case t.To != StateDraining:
		st.link, st.trouble, st.planned = t.To, t.Cause, false
		if st.now == StateDraining {
			t.To = StateDraining // losses and reconnects do not end a drain
		}
	}
	if t.Endpoint == "" {
		t.Endpoint = st.endpoint
	}
	t.From, t.Time = st.now, time.Now()
	st.now, st.endpoint = t.To, t.Endpoint
	if t.From != t.To {
		st.history.add(t)
	}
	st.wakeLocked()
	return true
}

// wakeLocked wakes everything that waits for a change.
func (st *status) wakeLocked() {
	close(st.changed)
	st.changed = make(chan struct{})
}

// ready lets calls use a session. It returns false if the client is closed.
func (st *status) ready(s *session) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.now == StateClosed {
		return false
	}
	s.ready.Store(true)
	st.session, st.latest = s, s.number
	st.current.Store(s)
	return st.setLocked(Transition{To: StateReady, Endpoint: s.endpoint.name})
}

// hold makes calls wait for the session that is to replace the present one, which goes on. It
// returns false if the client is closed.
func (st *status) hold(cause error) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.current.Store(nil)
	ok := st.setLocked(Transition{To: StateConnecting, Cause: cause})
	st.planned = ok
	return ok
}

// sessionLost makes calls wait for the next session.
func (st *status) sessionLost() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.session = nil
	st.current.Store(nil)
}

// adopt registers a session that is not ready yet, so that close returns it. It returns false if
// the client is closed.
func (st *status) adopt(s *session) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.session = s
	return st.now != StateClosed
}

// close sets the final state. It returns the session to be closed, and whether this was the first
// close.
func (st *status) close(cause error) (s *session, first bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.now == StateClosed {
		return nil, false
	}
	st.cause = cause
	s, st.session = st.session, nil
	st.current.Store(nil)
	if cause == nil {
		cause = ErrClosed
	}
	return s, st.setLocked(Transition{To: StateClosed, Cause: cause})
}

// isReady reports whether there is a session for calls.
func (st *status) isReady() bool {
	s := st.current.Load()
	return s != nil && !s.isDead()
}

// why returns why there is no session, or nil if there is one.
func (st *status) why() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.trouble
}

// where returns the name of the endpoint of the latest attempt or session.
func (st *status) where() string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.endpoint
}

func (st *status) state() State {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.now
}

func (st *status) err() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case st.now != StateClosed:
		return nil
	case st.cause == nil:
		return ErrClosed
	}
	return st.cause
}

// callError returns the error of calls when the client is closed.
func (st *status) callError() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.callErrorLocked()
}

func (st *status) callErrorLocked() error {
	if st.cause == nil {
		return ErrClosed
	}
	return &closedError{st.cause}
}
