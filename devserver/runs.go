package devserver

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// errPanicked is the panic of a workflow. It drops the connection without an answer, as in
// production, where a panic ends the goroutine that serves the connection.
var errPanicked = errors.New("the workflow panicked")

// StartWorkflow serves workflow.start. It runs the workflow before it answers.
func (e *engine) StartWorkflow(ctx context.Context, q *client.StartWorkflowRequest) (result *client.WorkflowResult, err error) {
	input, err := rawJSON(q.Input)
	if err != nil {
		return nil, err
	}
	c := callerOf(ctx)
	run, handle, err := e.newRun(c, q.Name, input)
	if err != nil {
		return nil, Errorf(client.CodeInternal, "workflow start failed: %v", err)
	}
	if !e.enter() {
		return nil, ErrClosed
	}
	defer e.wg.Done()

	e.journal.add(ctx, Entry{Method: client.MethodWorkflowStart, ID: run.record.ID, Name: q.Name, Payload: input})
	defer func() {
		if p := recover(); p != nil {
			e.cfg.log.Error("a workflow panicked: the connection is dropped, and the run stays running, as in production",
				slog.String("name", q.Name), slog.String("run_id", run.record.ID), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			result, err = nil, errPanicked
		}
	}()
	// The run's error is in its record. The run outlives the connection.
	run.ctx = withCaller(e.ctx, c)
	_ = run.run(handle)
	e.mu.Lock()
	defer e.mu.Unlock()
	return &client.WorkflowResult{RunID: run.record.ID, Name: q.Name, State: string(run.record.State)}, nil
}

// newRun creates a run, and returns it with its handler.
func (e *engine) newRun(c caller, name string, input json.RawMessage) (*Run, WorkflowHandler, error) {
	handle := e.handlers.workflow(name)
	if handle == nil {
		return nil, nil, Errorf(client.CodeInternal, "no workflow registered for %q", name)
	}
	now := now()
	return &Run{
		engine: e,
		record: client.WorkflowRun{
			CreatedAt: now, UpdatedAt: now, StartedAt: now,
			ID: newID(prefixRun), Name: name, State: client.RunStateRunning, Input: input, Version: 1,
			ScopeAppID: c.who.AppID, ScopeOrgID: c.who.OrgID,
		},
	}, handle, nil
}

// GetWorkflow serves workflow.get.
func (e *engine) GetWorkflow(_ context.Context, q *client.GetWorkflowRequest) (*client.WorkflowRun, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	run, err := e.run(q.RunID)
	if err != nil {
		return nil, err
	}
	record := run.record
	return &record, nil
}

// WorkflowTimeline serves workflow.timeline. An unknown run has an empty timeline.
func (e *engine) WorkflowTimeline(_ context.Context, q *client.WorkflowTimelineRequest) ([]client.TimelineEntry, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := checkID("run", prefixRun, q.RunID); err != nil {
		return nil, err
	}
	timeline := []client.TimelineEntry{}
	if run := e.runs[q.RunID]; run != nil {
		timeline = append(timeline, run.timeline...)
	}
	return timeline, nil
}

// PublishEvent serves workflow.event. One run gets the event: the one that has waited for it the
// longest, or the next one that waits.
func (e *engine) PublishEvent(ctx context.Context, q *client.PublishEventRequest) (*wire.PublishEventResult, error) {
	payload, err := rawJSON(q.Payload)
	if err != nil {
		return nil, err
	}
	id := newID(prefixEvent)
	e.journal.add(ctx, Entry{Method: client.MethodWorkflowEvent, ID: id, Name: q.Name, Payload: payload})
	e.mu.Lock()
	defer e.mu.Unlock()
	e.inbox.publish(q.Name, payload)
	return &wire.PublishEventResult{EventID: id, Name: q.Name}, nil
}

// run returns the run with an id. The lock is held.
func (e *engine) run(id string) (*Run, error) {
	if err := checkID("run", prefixRun, id); err != nil {
		return nil, err
	}
	run, ok := e.runs[id]
	if !ok {
		return nil, Errorf(client.CodeNotFound, "workflow run not found: dispatch: workflow run not found")
	}
	return run, nil
}

// publishRun publishes an event of a run, unless the engine is closed: the run's handler may
// outlast that.
func (e *engine) publishRun(t client.EventType, ev *client.WorkflowEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.broker.publish(t, client.WorkflowChannel(ev.RunID), ev)
	}
}
