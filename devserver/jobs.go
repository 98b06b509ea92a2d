package devserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/xraph/dispatch/client"
)

// JobHandler runs one attempt of a job. An error, or a panic, fails the attempt. The
// context ends with the attempt's time, when the job is cancelled, and with the server.
type JobHandler func(ctx context.Context, job Job) error

// Job is what a [JobHandler] is given.
type Job struct {
	ID       string
	Name     string
	Queue    string
	Priority int
	Attempt  int // from 1
	Payload  json.RawMessage
}

// job is a job that the server remembers.
type job struct {
	record client.Job // under the engine's lock
	seq    int        // orders jobs of one priority
	cancel context.CancelFunc
	timer  *time.Timer // of the next attempt
}

// Enqueue serves job.enqueue.
func (e *engine) Enqueue(ctx context.Context, q *client.EnqueueRequest) (*client.EnqueueResult, error) {
	if q.Name == "" {
		return nil, Errorf(client.CodeBadRequest, "invalid request: a job has a name")
	}
	payload, err := rawJSON(q.Payload)
	if err != nil {
		return nil, err
	}
	who, now := callerOf(ctx).who, now()
	j := &job{record: client.Job{
		CreatedAt: now, UpdatedAt: now, RunAt: now,
		ID: newID(prefixJob), Name: q.Name, Queue: cmp.Or(q.Queue, "default"), Payload: payload,
		State: client.JobStatePending, Priority: q.Priority, MaxRetries: e.cfg.maxRetries, Timeout: e.cfg.jobTimeout,
		ScopeAppID: who.AppID, ScopeOrgID: who.OrgID,
	}}
	result := &client.EnqueueResult{JobID: j.record.ID, Queue: j.record.Queue, State: string(j.record.State)}
	announcement := jobEvent(&j.record)

	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, ErrClosed
	}
	e.sequence++
	j.seq = e.sequence
	e.jobs[j.record.ID] = j
	e.mu.Unlock()

	e.journal.add(ctx, Entry{Method: client.MethodJobEnqueue, ID: j.record.ID, Name: q.Name, Payload: payload})
	e.publishJob(client.EventJobEnqueued, announcement)
	e.queue(j)
	return result, nil
}

// GetJob serves job.get.
func (e *engine) GetJob(_ context.Context, q *client.GetJobRequest) (*client.Job, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j, err := e.job(q.JobID)
	if err != nil {
		return nil, err
	}
	record := j.record
	return &record, nil
}

// CancelJob serves job.cancel. A job is cancelled in whatever state it is, and no
// event tells of it.
func (e *engine) CancelJob(ctx context.Context, q *client.CancelJobRequest) (*client.CancelJobResult, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j, err := e.job(q.JobID)
	if err != nil {
		return nil, err
	}
	if state := j.record.State; state == client.JobStatePending || state == client.JobStateRetrying || j.cancel != nil && state == client.JobStateRunning {
		e.retire(j.record.ID) // unless it has ended before
	}
	j.record.State = client.JobStateCancelled
	j.record.WorkerID = ""
	j.record.UpdatedAt = now()
	j.stop()
	e.journal.add(ctx, Entry{Method: client.MethodJobCancel, ID: j.record.ID, Name: j.record.Name})
	return &client.CancelJobResult{Status: string(client.JobStateCancelled)}, nil
}

// job finds a job. The lock is held.
func (e *engine) job(id string) (*job, error) {
	if err := checkID("job", prefixJob, id); err != nil {
		return nil, err
	}
	j, ok := e.jobs[id]
	if !ok {
		return nil, Errorf(client.CodeNotFound, "job not found: dispatch: job not found")
	}
	return j, nil
}

// stop ends the attempt that runs and the wait for the next one.
func (j *job) stop() {
	if j.cancel != nil {
		j.cancel()
	}
	if j.timer != nil {
		j.timer.Stop()
	}
}

// attempt runs a job once and sees what comes of it.
func (e *engine) attempt(j *job, handle JobHandler) {
	e.mu.Lock()
	if j.record.State != client.JobStateRunning { // cancelled meanwhile
		e.mu.Unlock()
		return
	}
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	if j.record.Timeout > 0 {
		var expire context.CancelFunc
		ctx, expire = context.WithTimeout(ctx, j.record.Timeout)
		defer expire()
	}
	j.cancel = cancel
	r := &j.record
	given := Job{ID: r.ID, Name: r.Name, Queue: r.Queue, Priority: r.Priority, Attempt: r.RetryCount + 1, Payload: r.Payload}
	e.mu.Unlock()

	start := time.Now()
	err := recovering(func() error { return handle(ctx, given) })
	e.finish(j, time.Since(start), err)
}

// finish records how an attempt ended, and announces it unless the job was cancelled.
func (e *engine) finish(j *job, took time.Duration, err error) {
	e.mu.Lock()
	r := &j.record
	if r.State != client.JobStateRunning || e.closed {
		e.mu.Unlock()
		return
	}
	now := now()
	r.UpdatedAt, r.WorkerID = now, ""
	ev := jobEvent(r)
	var types []client.EventType
	switch {
	case err == nil:
		r.State, r.CompletedAt = client.JobStateCompleted, now
		ev.ElapsedMs = took.Milliseconds()
		types = append(types, client.EventJobCompleted)
	case r.RetryCount < r.MaxRetries:
		r.State, r.LastError = client.JobStateRetrying, err.Error()
		r.RetryCount++
		delay := e.cfg.backoff(r.RetryCount)
		r.RunAt = now.Add(delay)
		j.timer = time.AfterFunc(delay, func() { e.queue(j) })
		ev.Attempt, ev.NextRunAt = r.RetryCount, r.RunAt.Truncate(time.Second)
		types = append(types, client.EventJobRetrying)
	default:
		r.State, r.LastError, r.CompletedAt = client.JobStateFailed, err.Error(), now
		ev.Error = err.Error()
		types = append(types, client.EventJobFailed, client.EventJobDLQ)
	}
	if r.State != client.JobStateRetrying {
		e.retire(r.ID)
	}
	e.mu.Unlock()
	for _, t := range types {
		e.publishJob(t, ev)
	}
}

func jobEvent(r *client.Job) *client.JobEvent {
	return &client.JobEvent{JobID: r.ID, JobName: r.Name, Queue: r.Queue, ScopeAppID: r.ScopeAppID, ScopeOrgID: r.ScopeOrgID}
}

func (e *engine) publishJob(t client.EventType, ev *client.JobEvent) {
	e.broker.publish(t, client.JobChannel(ev.JobID), ev)
}

// recovering turns a panic of user code into an error.
func recovering(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// rawJSON is the JSON text of a request's member that may be any JSON; without
// one it is null.
func rawJSON(v any) (json.RawMessage, error) {
	switch raw := v.(type) {
	case nil:
		return json.RawMessage("null"), nil
	case json.RawMessage:
		if len(raw) == 0 {
			return json.RawMessage("null"), nil
		}
		return append(json.RawMessage(nil), raw...), nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, errors.Join(Errorf(client.CodeBadRequest, "invalid request"), err)
	}
	return raw, nil
}

// now is the time as the records hold it.
func now() time.Time { return time.Now().UTC().Round(0) }
