package devserver

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/xraph/dispatch/client"
)

// WorkflowHandler runs a workflow. What it returns is the run's output, encoded by
// encoding/json; nil is none. An error, or a panic, fails the run. The context ends
// with the server.
type WorkflowHandler func(ctx context.Context, run *Run) (output any, err error)

// Run is one run of a workflow, as its [WorkflowHandler] uses it. Its methods are for
// the goroutine of the handler.
type Run struct {
	engine *engine
	record client.WorkflowRun // under the engine's lock

	timeline []client.TimelineEntry       // under the engine's lock
	inbox    map[string][]json.RawMessage // events not yet waited for, under the engine's lock
	arrived  chan struct{}                // one slot: an event came
	ctx      context.Context
}

// ID is the run's id.
func (r *Run) ID() string { return r.record.ID }

// Name is the workflow's name.
func (r *Run) Name() string { return r.record.Name }

// Input is what the workflow was started with.
func (r *Run) Input() json.RawMessage { return r.record.Input }

// Step runs one step. When f succeeds the step stands in the run's timeline, with the
// JSON of what f returned unless that is nil; when f fails, or panics, Step
// returns an error that wraps f's and says which step it was.
func (r *Run) Step(name string, f func(ctx context.Context) (any, error)) error {
	start := time.Now()
	var made any
	err := recovering(func() (err error) {
		made, err = f(r.ctx)
		return err
	})
	var data json.RawMessage
	if err == nil && made != nil {
		data, err = json.Marshal(made)
	}
	ev := r.event()
	ev.StepName = name
	ev.ElapsedMs = time.Since(start).Milliseconds()
	if err != nil {
		ev.Error = err.Error()
		r.engine.publishRun(client.EventWorkflowStepFailed, ev)
		return fmt.Errorf("workflow %s step %q: %w", r.record.Name, name, err)
	}
	r.engine.mu.Lock()
	r.timeline = append(r.timeline, client.TimelineEntry{StepName: name, Data: data, CreatedAt: now()})
	r.engine.mu.Unlock()
	r.engine.publishRun(client.EventWorkflowStepCompleted, ev)
	return nil
}

// WaitForEvent waits for an event of that name and returns its payload. Every event
// published since the run began counts, each one once a run. After the timeout it
// returns an error that wraps [context.DeadlineExceeded]; no timeout is 0.
func (r *Run) WaitForEvent(name string, timeout time.Duration) (json.RawMessage, error) {
	ctx := r.ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	for {
		r.engine.mu.Lock()
		if events := r.inbox[name]; len(events) > 0 {
			r.inbox[name] = events[1:]
			r.engine.mu.Unlock()
			return events[0], nil
		}
		r.engine.mu.Unlock()
		select {
		case <-r.arrived:
		case <-ctx.Done():
			return nil, fmt.Errorf("workflow %s: wait for event %q: %w", r.record.Name, name, ctx.Err())
		}
	}
}

// RunChild runs another workflow and returns its output, or the error that it
// failed with. The child's record names this run as its parent.
func (r *Run) RunChild(name string, input any) (json.RawMessage, error) {
	raw, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	child, err := r.engine.newRun(callerOf(r.ctx), name, raw)
	if err != nil {
		return nil, err
	}
	child.record.ParentRunID = r.record.ID
	child.ctx = r.ctx
	if err := child.run(r.engine.handlers.workflow(name)); err != nil {
		return nil, err
	}
	return child.record.Output, nil
}

// run runs the handler to its end, and records and announces how it went.
func (r *Run) run(handle WorkflowHandler) error {
	e := r.engine
	e.mu.Lock()
	e.runs[r.record.ID] = r
	e.active[r] = struct{}{}
	e.mu.Unlock()
	e.publishRun(client.EventWorkflowStarted, r.event())

	start := time.Now()
	var output any
	err := recovering(func() (err error) {
		output, err = handle(r.ctx, r)
		return err
	})
	var made json.RawMessage
	if err == nil && output != nil {
		made, err = json.Marshal(output)
	}

	ev, t := r.event(), client.EventWorkflowCompleted
	ev.ElapsedMs = time.Since(start).Milliseconds()
	e.mu.Lock()
	r.record.CompletedAt = now()
	r.record.UpdatedAt = r.record.CompletedAt
	r.record.State, r.record.Output = client.RunStateCompleted, made
	if err != nil {
		t = client.EventWorkflowFailed
		ev.Error = err.Error()
		r.record.State, r.record.Output, r.record.Error = client.RunStateFailed, nil, err.Error()
	}
	delete(e.active, r)
	e.retire(r.record.ID)
	closed := e.closed
	e.mu.Unlock()
	if !closed {
		e.publishRun(t, ev)
	}
	return err
}

func (r *Run) event() *client.WorkflowEvent {
	w := &r.record
	return &client.WorkflowEvent{RunID: w.ID, Name: w.Name, ScopeAppID: w.ScopeAppID, ScopeOrgID: w.ScopeOrgID}
}
