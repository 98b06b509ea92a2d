package devserver

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/xraph/dispatch/client"
)

// StartWorkflow serves workflow.start: it runs the workflow before it answers.
func (e *engine) StartWorkflow(ctx context.Context, q *client.StartWorkflowRequest) (*client.WorkflowResult, error) {
	input, err := rawJSON(q.Input)
	if err != nil {
		return nil, err
	}
	c := callerOf(ctx)
	run, err := e.newRun(c, q.Name, input)
	if err != nil {
		return nil, Errorf(client.CodeInternal, "workflow start failed: %v", err)
	}
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, ErrClosed
	}
	e.wg.Add(1)
	e.mu.Unlock()
	defer e.wg.Done()

	e.journal.add(ctx, Entry{Method: client.MethodWorkflowStart, ID: run.record.ID, Name: q.Name, Payload: input})
	// The run's own errors stand in its record. It outlives the connection that asked for it.
	run.ctx = withCaller(e.ctx, c)
	_ = run.run(e.handlers.workflow(q.Name))
	e.mu.Lock()
	defer e.mu.Unlock()
	return &client.WorkflowResult{RunID: run.record.ID, Name: q.Name, State: string(run.record.State)}, nil
}

// newRun makes a run that has not begun.
func (e *engine) newRun(c caller, name string, input json.RawMessage) (*Run, error) {
	if e.handlers.workflow(name) == nil {
		return nil, Errorf(client.CodeInternal, "no workflow registered for %q", name)
	}
	now := now()
	return &Run{
		engine: e, inbox: map[string][]json.RawMessage{}, arrived: make(chan struct{}, 1),
		record: client.WorkflowRun{
			CreatedAt: now, UpdatedAt: now, StartedAt: now,
			ID: newID(prefixRun), Name: name, State: client.RunStateRunning, Input: input, Version: 1,
			ScopeAppID: c.who.AppID, ScopeOrgID: c.who.OrgID,
		},
	}, nil
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

// WorkflowTimeline serves workflow.timeline.
func (e *engine) WorkflowTimeline(_ context.Context, q *client.WorkflowTimelineRequest) ([]client.TimelineEntry, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	run, err := e.run(q.RunID)
	if err != nil {
		return nil, err
	}
	return append([]client.TimelineEntry{}, run.timeline...), nil
}

// PublishEvent serves workflow.event: every run that has not ended gets the event.
func (e *engine) PublishEvent(ctx context.Context, q *client.PublishEventRequest) (*client.PublishEventResult, error) {
	if q.Name == "" {
		return nil, Errorf(client.CodeBadRequest, "invalid request: an event has a name")
	}
	payload, err := rawJSON(q.Payload)
	if err != nil {
		return nil, err
	}
	id := newID(prefixEvent)
	e.journal.add(ctx, Entry{Method: client.MethodWorkflowEvent, ID: id, Name: q.Name, Payload: payload})
	e.mu.Lock()
	defer e.mu.Unlock()
	for run := range e.active {
		run.inbox[q.Name] = append(run.inbox[q.Name], slices.Clone(payload))
		select {
		case run.arrived <- struct{}{}:
		default:
		}
	}
	return &client.PublishEventResult{EventID: id, Name: q.Name}, nil
}

// run finds a run. The lock is held.
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

func (e *engine) publishRun(t client.EventType, ev *client.WorkflowEvent) {
	e.broker.publish(t, client.WorkflowChannel(ev.RunID), ev)
}
