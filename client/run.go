package client

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync/atomic"
	"time"
)

// Run is a workflow run that [Client.RunWorkflow] has started or is about to start. All methods are
// safe for concurrent use.
type Run struct {
	Name string // of the workflow, as given to RunWorkflow

	c    *Client
	name string                    // a copy of Name, which users can overwrite
	key  runKey                    // the zero value for none
	done chan struct{}             // closed when record and err are set
	at   atomic.Pointer[admission] // of the first request; nil once it is made

	record *WorkflowRun // nil if nothing is known of it
	err    error

	// Guarded by the registry's lock, and set for good once known is closed. via, put, mark, forgot
	// and matches are the search's.
	known  chan struct{} // closed when the id is known, or will not be
	id     string
	sub    *Subscription // of its events; nil if there can be none, for which unseen is the reason
	unseen error

	via     *Subscription
	put     time.Time // when the request was put
	mark    uint64    // only candidates with a higher number count
	forgot  bool      // a candidate was forgotten
	matches []*candidate
}

// ID returns the run's id. It waits until the id is known or ctx ends: until the server's reply,
// which comes when the run has ended, or with [WithRunKey] usually until the run begins.
//
// If the request fails, the error is that of [Run.Wait]. If the reply names another run than the
// key did, it is a [*RunMismatchError].
func (r *Run) ID(ctx context.Context) (string, error) {
	id, _, err := r.identity(ctx)
	return id, err
}

// identity waits until the run is known. err says why it is not; unseen, why it has no events.
func (r *Run) identity(ctx context.Context) (id string, sub *Subscription, err error) {
	select {
	case <-r.known:
	default:
		select {
		case <-r.known:
		case <-ctx.Done():
			return "", nil, r.failed(waited(ctx, "its id", r.c.status.why()))
		}
	}
	reg := &r.c.registry
	reg.mu.Lock()
	id, sub, unseen := r.id, r.sub, r.unseen
	reg.mu.Unlock()
	var mismatch *RunMismatchError
	switch {
	case errors.As(unseen, &mismatch):
		return "", nil, unseen
	case id == "":
		<-r.done // which is closed before known in this case
		return "", nil, r.err
	}
	return id, sub, nil
}

// Wait waits until the server has replied, which it does when the run has ended, and returns the
// run's record. A run that has failed is no error: see [WorkflowRun.State].
//
// The errors are those of [Client.StartWorkflow]. After an [*OutcomeUnknownError] the run may go
// on, and if its id is known, so do its events; [Client.AwaitWorkflow] then waits for its end. If
// the server has replied but the record cannot be read, such as for want of the scope
// workflow:read, the result is not nil: it has the ID, Name and State of the reply. If ctx ends,
// only the wait does.
func (r *Run) Wait(ctx context.Context) (*WorkflowRun, error) {
	select {
	case <-r.done:
	default:
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, r.failed(waited(ctx, "the reply", r.c.status.why()))
		}
	}
	if r.record == nil {
		return nil, r.err
	}
	record := *r.record
	return &record, r.err
}

// Events returns a sequence of the run's events, for a range loop, as [Subscription.All] does. It
// waits until the run's id is known, as [Run.ID] does: what happened before has been kept. It ends
// after the last event, workflow.completed or workflow.failed, and when ctx ends or the loop is
// left, which loses no event. If the last event does not arrive although the run has ended, the
// client creates it and sets its Synthetic field.
//
// Where events may be missing there is a [Gap]: after a lost connection; if more than 8,192 events,
// 8 MiB or 1,024 runs were kept for the client's runs that are not known yet; and if more than
// 1,024 events or 8 MiB of this run wait to be read. A pair with an error is the last, and has no
// event. If the token lacks the scope subscribe, or workflow:read where it is needed, the error
// names it and matches [ErrForbidden]. While another loop waits, the error is [ErrConcurrentNext].
//
// [Client.Drain] waits for a loop, but not for events that nothing reads.
func (r *Run) Events(ctx context.Context) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		_, sub, err := r.identity(ctx)
		if err == nil && sub == nil {
			err = r.withoutEvents()
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.c.registry.read(sub)()
		for ev, err := range sub.All(ctx) {
			if !yield(ev, r.naming(err)) {
				return
			}
		}
	}
}

// withoutEvents returns why a run that is known has no events.
func (r *Run) withoutEvents() error {
	reg := &r.c.registry
	reg.mu.Lock()
	defer reg.mu.Unlock()
	return r.naming(r.unseen)
}

// naming adds the scope to the error of a request that the server refused for want of it.
func (r *Run) naming(err error) error {
	var refused *Error
	if !errors.As(err, &refused) || refused.Code != CodeForbidden {
		return err
	}
	scope := ScopeSubscribe
	if refused.Method == methodWorkflowGet.name {
		scope = ScopeWorkflowRead
	}
	return r.failed(&scopeError{scope, err})
}

// scopeError is a refusal for want of a scope.
type scopeError struct {
	scope string
	err   error
}

func (e *scopeError) Error() string { return "the scope " + e.scope + " is needed: " + strip(e.err) }
func (e *scopeError) Unwrap() error { return e.err }

// Candidates returns the ids of the runs that may be this one, in the order in which they began:
// those of the same workflow whose beginning was reported after the request was sent. Once the run
// is known, it returns its id. It does not block.
func (r *Run) Candidates() []string {
	reg := &r.c.registry
	reg.mu.Lock()
	defer reg.mu.Unlock()
	if r.id != "" {
		return []string{r.id}
	}
	return reg.search.candidatesOf(r)
}

func (s *search) candidatesOf(run *Run) (ids []string) {
	if !slices.Contains(s.sought[run.name], run) {
		return nil
	}
	for _, cand := range s.oldest {
		if cand.name == run.name && cand.number > run.mark && s.candidates[WorkflowChannel(cand.id)] == cand {
			ids = append(ids, cand.id)
		}
	}
	return ids
}

// failed is an error of a method of the run. It is not safe to retry, because what would be
// repeated is the run.
func (r *Run) failed(err error) error {
	return &callError{method: "run " + r.name, err: err}
}
