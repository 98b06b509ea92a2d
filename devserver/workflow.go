package devserver

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"time"

	"github.com/xraph/dispatch/client"
)

// WorkflowHandler runs a workflow. Its output is encoded by encoding/json as the run's output; nil
// is none. An error fails the run. The context ends with the server, not with the connection that
// started the run. Handlers run concurrently.
//
// A panic, also in a step, drops the connection that started the run without an answer and is
// logged as an error; the run stays running, as in production. A handler that ends its goroutine,
// as testing.T.FailNow does, has the same effect without the log.
type WorkflowHandler func(ctx context.Context, run *Run) (output any, err error)

// Run is one run of a workflow. Its methods are for the goroutine of its [WorkflowHandler].
type Run struct {
	engine *engine
	record client.WorkflowRun // under the engine's lock

	timeline []client.TimelineEntry // under the engine's lock
	ctx      context.Context
}

// ID returns the run's id.
func (r *Run) ID() string { return r.record.ID }

// Name returns the workflow's name.
func (r *Run) Name() string { return r.record.Name }

// Input returns what the workflow was started with, nil without input. It must not be changed.
func (r *Run) Input() json.RawMessage { return r.record.Input }

// Step calls f with the run's context. If f succeeds, Step adds an entry to the run's timeline,
// with f's result encoded by encoding/gob, as production servers store it; nil is no data. If f
// fails or gob cannot encode the result, Step returns an error that names the step and wraps that
// error.
func (r *Run) Step(name string, f func(ctx context.Context) (any, error)) error {
	start := time.Now()
	made, err := f(r.ctx)
	var data bytes.Buffer
	if err == nil && made != nil {
		// gob panics at some values, such as a nil pointer.
		err = recovering("encode what the step returned", func() error { return gob.NewEncoder(&data).Encode(made) })
	}
	ev := r.event()
	ev.StepName = name
	ev.ElapsedMs = time.Since(start).Milliseconds()
	if err != nil {
		ev.Error = err.Error()
		r.engine.publishRun(client.EventWorkflowStepFailed, ev)
		return fmt.Errorf("workflow %s step %q: %w", r.record.Name, name, err)
	}
	r.note(name, data.Bytes())
	r.engine.publishRun(client.EventWorkflowStepCompleted, ev)
	return nil
}

// note adds an entry to the timeline.
func (r *Run) note(step string, data []byte) {
	r.engine.mu.Lock()
	defer r.engine.mu.Unlock()
	r.timeline = append(r.timeline, client.TimelineEntry{StepName: step, Data: data, CreatedAt: now()})
}

// WaitForEvent waits for an event with a name and returns its payload. An event that was published
// before counts; each event is for one waiter, the one that has waited the longest. The wait adds
// the entry wait:<name> to the run's timeline.
//
// After the timeout it returns nil and no error, as in production; 0 is no timeout, and with a
// negative one it does not wait. When the server closes, it returns an error that wraps
// [context.Canceled].
func (r *Run) WaitForEvent(name string, timeout time.Duration) (json.RawMessage, error) {
	ctx := r.ctx
	if timeout != 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	r.engine.mu.Lock()
	w := r.engine.inbox.wait(name)
	r.engine.mu.Unlock()
	var payload json.RawMessage
	select {
	case payload = <-w.got:
	case <-ctx.Done():
		r.engine.mu.Lock()
		r.engine.inbox.leave(w)
		r.engine.mu.Unlock()
		select {
		case payload = <-w.got: // just before
		default:
			if err := r.ctx.Err(); err != nil {
				return nil, fmt.Errorf("workflow %s: wait for event %q: %w", r.record.Name, name, err)
			}
		}
	}
	r.note("wait:"+name, nil)
	return payload, nil
}

// RunChild runs another workflow on this goroutine and returns its output, or the error with which
// it failed. The child's record names this run as its parent. It returns an error if input does not
// encode or no workflow has that name.
func (r *Run) RunChild(name string, input any) (json.RawMessage, error) {
	raw, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	child, handle, err := r.engine.newRun(callerOf(r.ctx), name, raw)
	if err != nil {
		return nil, err
	}
	child.record.ParentRunID = r.record.ID
	child.ctx = r.ctx
	if err := child.run(handle); err != nil {
		return nil, err
	}
	return child.record.Output, nil
}

// run runs the handler, records how it ended and publishes the events.
func (r *Run) run(handle WorkflowHandler) error {
	e := r.engine
	e.mu.Lock()
	e.runs[r.record.ID] = r
	e.mu.Unlock()
	defer func() { // runs also after a panic
		e.mu.Lock()
		defer e.mu.Unlock()
		e.retire(r.record.ID)
	}()
	e.publishRun(client.EventWorkflowStarted, r.event())

	start := time.Now()
	output, err := handle(r.ctx, r)
	var made json.RawMessage
	if err == nil && output != nil {
		made, err = json.Marshal(output)
	}

	ev, t := r.event(), client.EventWorkflowCompleted
	ev.ElapsedMs = time.Since(start).Milliseconds()
	if err != nil {
		t, ev.Error = client.EventWorkflowFailed, err.Error()
	}
	e.mu.Lock()
	r.record.CompletedAt = now()
	r.record.UpdatedAt = r.record.CompletedAt
	r.record.State, r.record.Output = client.RunStateCompleted, made
	if err != nil {
		r.record.State, r.record.Output, r.record.Error = client.RunStateFailed, nil, ev.Error
	}
	e.mu.Unlock()
	e.publishRun(t, ev)
	return err
}

func (r *Run) event() *client.WorkflowEvent {
	w := &r.record
	return &client.WorkflowEvent{RunID: w.ID, Name: w.Name, ScopeAppID: w.ScopeAppID, ScopeOrgID: w.ScopeOrgID}
}
