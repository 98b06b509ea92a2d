package devserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// JobHandler runs one attempt of a job. An error or a panic fails the attempt, and so does ending
// the goroutine, as testing.T.FailNow does. The context ends when the attempt times out, when the
// server closes or restarts without its memory and, with [WithCancellation], when the job is
// cancelled. Handlers run concurrently, at most [WithWorkers] of them.
type JobHandler func(ctx context.Context, job Job) error

// Job is one attempt of a job, as its [JobHandler] sees it. Payload is shared and must not be
// changed.
type Job struct {
	ID       string
	Name     string
	Queue    string
	Priority int
	Attempt  int             // from 1
	Payload  json.RawMessage // nil if the job was enqueued without one
}

// job is a job in the engine's memory.
type job struct {
	record  client.Job // under the engine's lock, like the other fields
	seq     int        // orders jobs of one priority
	running bool       // whether an attempt runs, whatever the record says
	retired bool       // whether its end was recorded
	cancel  context.CancelFunc
	timer   *time.Timer // of the next attempt
}

// Enqueue serves job.enqueue.
func (e *engine) Enqueue(ctx context.Context, q *client.EnqueueRequest) (*client.EnqueueResult, error) {
	payload, err := rawJSON(q.Payload)
	if err != nil {
		return nil, err
	}
	who, now := callerOf(ctx).who, now()
	j := &job{record: client.Job{
		CreatedAt: now, UpdatedAt: now, RunAt: now,
		ID: newID(prefixJob), Name: q.Name, Queue: cmp.Or(q.Queue, defaultQueue), Payload: payload,
		State: client.JobStatePending, Priority: max(q.Priority, 0), MaxRetries: e.cfg.maxRetries, Timeout: e.cfg.jobTimeout,
		ScopeAppID: who.AppID, ScopeOrgID: who.OrgID,
	}}
	result := &client.EnqueueResult{JobID: j.record.ID, Queue: j.record.Queue, State: string(j.record.State)}

	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, ErrClosed
	}
	e.sequence++
	j.seq = e.sequence
	e.jobs[j.record.ID] = j
	e.journal.add(ctx, Entry{Method: client.MethodJobEnqueue, ID: j.record.ID, Name: q.Name, Payload: payload})
	e.publishJob(client.EventJobEnqueued, jobEvent(&j.record))
	e.mu.Unlock()

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

// CancelJob serves job.cancel. It cancels a job in any state and publishes no event. A running
// handler goes on, unless WithCancellation is set.
func (e *engine) CancelJob(ctx context.Context, q *client.CancelJobRequest) (*wire.CancelJobResult, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j, err := e.job(q.JobID)
	if err != nil {
		if client.Code(detail(err).Code) == client.CodeNotFound {
			err = Errorf(client.CodeNotFound, "job not found")
		}
		return nil, err
	}
	keepsRunning := j.running && !e.cfg.cancelRunning
	j.record.State = client.JobStateCancelled
	j.record.UpdatedAt = now()
	if !keepsRunning {
		e.retireJob(j)
		j.stop()
	}
	e.journal.add(ctx, Entry{Method: client.MethodJobCancel, ID: j.record.ID, Name: j.record.Name})
	return &wire.CancelJobResult{Status: string(client.JobStateCancelled)}, nil
}

// job returns the job with an id. The lock is held.
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

// stop ends the running attempt and the wait for the next one.
func (j *job) stop() {
	if j.cancel != nil {
		j.cancel()
	}
	if j.timer != nil {
		j.timer.Stop()
	}
}

// retireJob records, once, that a job has ended. The lock is held.
func (e *engine) retireJob(j *job) {
	if !j.retired {
		j.retired = true
		e.retire(j.record.ID)
	}
}

// errExited is the failure of a handler that did not return, as when it calls testing.T.FailNow.
var errExited = errors.New("the handler ended its goroutine, as testing.T.FailNow does")

// attempt runs one attempt of a job and records how it ended.
func (e *engine) attempt(j *job, handle JobHandler) {
	e.mu.Lock()
	if e.cfg.cancelRunning && j.record.State != client.JobStateRunning { // cancelled meanwhile
		j.running = false
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
	err := errExited
	defer func() {
		took, delay := time.Since(start), time.Duration(0)
		if err != nil && given.Attempt <= e.cfg.maxRetries {
			delay = e.cfg.backoff(given.Attempt) // unlocked: it is user code
		}
		e.finish(j, took, err, delay)
	}()
	err = recovering("panic in job "+given.Name, func() error { return printed(handle(ctx, given)) })
}

// printed returns an error with the text of err. It calls the Error method, which is user code,
// here instead of under the lock.
func printed(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(err.Error())
}

// finish records how an attempt ended, and publishes the events; delay is the time until the next
// attempt. It overwrites a cancellation made meanwhile, unless WithCancellation is set.
func (e *engine) finish(j *job, took time.Duration, err error, delay time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	j.running = false
	r := &j.record
	if e.cfg.cancelRunning && r.State != client.JobStateRunning || e.closed {
		return
	}
	now := now()
	r.UpdatedAt = now
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
		r.RunAt = now.Add(delay)
		j.timer = e.after(delay, func() { e.queue(j) })
		ev.Attempt, ev.NextRunAt = r.RetryCount, r.RunAt.Truncate(time.Second)
		types = append(types, client.EventJobRetrying)
	default:
		r.State, r.LastError = client.JobStateFailed, err.Error()
		r.RetryCount++
		ev.Error = err.Error()
		types = append(types, client.EventJobFailed, client.EventJobDLQ)
	}
	if r.State != client.JobStateRetrying {
		e.retireJob(j)
	}
	for _, t := range types {
		e.publishJob(t, ev)
	}
}

func jobEvent(r *client.Job) *client.JobEvent {
	return &client.JobEvent{JobID: r.ID, JobName: r.Name, Queue: r.Queue, ScopeAppID: r.ScopeAppID, ScopeOrgID: r.ScopeOrgID}
}

// publishJob publishes an event of a job. The lock is held, so that events come in the order of the
// changes, and none after the engine is closed.
func (e *engine) publishJob(t client.EventType, ev *client.JobEvent) {
	e.broker.publish(t, client.JobChannel(ev.JobID), ev)
}

// recovering calls f and returns its error; a panic becomes an error that begins with what.
func recovering(what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", what, p)
		}
	}()
	return f()
}

// rawJSON returns the JSON text of a request's free-form member, nil if it is absent.
func rawJSON(v any) (json.RawMessage, error) {
	switch raw := v.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return slices.Clone(raw), nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, errors.Join(Errorf(client.CodeBadRequest, "invalid request"), err)
	}
	return raw, nil
}

// now returns the time as records hold it: in UTC and without a monotonic reading.
func now() time.Time { return time.Now().UTC().Round(0) }
