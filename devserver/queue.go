package devserver

import (
	"container/heap"
	"log/slog"

	"github.com/xraph/dispatch/client"
)

// This file starts waiting jobs on free workers, which poll some of the queues.

// queue makes a job ready for the next free worker, if its queue is polled.
func (e *engine) queue(j *job) {
	e.mu.Lock()
	unpolled := false
	if state := j.record.State; !e.closed && (state == client.JobStatePending || state == client.JobStateRetrying) {
		if e.cfg.queues == nil || e.cfg.queues[j.record.Queue] {
			heap.Push(&e.ready, j)
		} else {
			unpolled = e.first("queue " + j.record.Queue)
		}
	}
	id, queue := j.record.ID, j.record.Queue
	e.mu.Unlock()
	if unpolled {
		e.cfg.log.Warn("no worker polls the queue: its jobs stay pending, as in production, unless WithQueues or WithAllQueues says otherwise",
			slog.String("queue", queue), slog.String("job_id", id))
	}
	e.work()
}

// first reports whether something has not been logged before. The lock is held.
func (e *engine) first(about string) bool {
	if e.warned[about] {
		return false
	}
	e.warned[about] = true
	return true
}

// work starts ready jobs, and logs those without a handler.
func (e *engine) work() {
	for _, j := range e.start() {
		e.cfg.log.Warn("no handler for the job's name: it is started again and again, as in production, until HandleJob registers one",
			slog.String("name", j.Name), slog.String("job_id", j.ID))
	}
}

// start starts ready jobs while there are free workers. It returns those without a handler, for a
// warning: they stay running until they are stale, and occupy no worker.
func (e *engine) start() (unhandled []Job) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for !e.closed && e.busy < e.cfg.workers && len(e.ready) > 0 {
		j := heap.Pop(&e.ready).(*job)
		r := &j.record
		if r.State != client.JobStatePending && r.State != client.JobStateRetrying {
			continue // cancelled
		}
		now := now()
		r.State, r.StartedAt, r.UpdatedAt = client.JobStateRunning, now, now
		e.publishJob(client.EventJobStarted, jobEvent(r))
		handle := e.handlers.job(r.Name)
		if j.running = handle != nil; !j.running {
			e.retireJob(j)
			if e.cfg.stale > 0 {
				j.timer = e.after(e.cfg.stale, func() { e.reap(j) })
			}
			if e.first("name " + r.Name) {
				unhandled = append(unhandled, Job{ID: r.ID, Name: r.Name})
			}
			continue
		}
		e.busy++
		e.wg.Go(func() {
			defer func() { // runs even if the handler does not return
				e.mu.Lock()
				e.busy--
				e.mu.Unlock()
				e.work()
			}()
			e.attempt(j, handle)
		})
	}
	return unhandled
}

// reap queues a stale job again: one that was started without a handler.
func (e *engine) reap(j *job) {
	e.mu.Lock()
	stale := e.jobs[j.record.ID] == j && j.record.State == client.JobStateRunning
	if stale {
		j.record.State = client.JobStatePending
		e.revive(j)
	}
	e.mu.Unlock()
	if stale {
		e.queue(j)
	}
}

// readyJobs is a heap: the highest priority first, then the oldest.
type readyJobs []*job

func (q readyJobs) Len() int { return len(q) }
func (q readyJobs) Less(i, j int) bool {
	if a, b := q[i].record.Priority, q[j].record.Priority; a != b {
		return a > b
	}
	return q[i].seq < q[j].seq
}
func (q readyJobs) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *readyJobs) Push(x any)   { *q = append(*q, x.(*job)) }
func (q *readyJobs) Pop() any {
	last := len(*q) - 1
	j := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return j
}
