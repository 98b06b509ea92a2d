package devserver

import (
	"container/heap"
	"context"
	"sync"

	"github.com/xraph/dispatch/client"
)

// engine is what a server remembers and runs: jobs and workflow runs. It serves the
// protocol's methods. A server that restarts without its memory gets a new one.
type engine struct {
	cfg      *config
	handlers *handlers
	broker   *broker
	journal  *journal

	ctx  context.Context // of everything that runs
	stop context.CancelFunc
	wg   sync.WaitGroup // what runs

	mu       sync.Mutex
	closed   bool
	jobs     map[string]*job
	ready    readyJobs
	sequence int
	busy     int // workers
	runs     map[string]*Run
	active   map[*Run]struct{} // runs that have not ended
	ended    []string          // ids of jobs and runs, oldest first, if not all of them are kept
}

var _ service = (*engine)(nil)

func newEngine(cfg *config, h *handlers, b *broker, j *journal) *engine {
	e := &engine{
		cfg: cfg, handlers: h, broker: b, journal: j,
		jobs: map[string]*job{}, runs: map[string]*Run{}, active: map[*Run]struct{}{},
	}
	e.ctx, e.stop = context.WithCancel(context.Background())
	return e
}

// close ends everything that runs and waits for it. Nothing is announced any more.
func (e *engine) close() {
	e.mu.Lock()
	e.closed = true
	for _, j := range e.jobs {
		j.stop()
	}
	e.mu.Unlock()
	e.stop()
	e.wg.Wait()
}

// Stats serves stats.
func (e *engine) Stats(context.Context) (*client.Stats, error) {
	return &client.Stats{Broker: e.broker.stats()}, nil
}

// queue makes a job ready to be run by the next free worker.
func (e *engine) queue(j *job) {
	e.mu.Lock()
	if state := j.record.State; !e.closed && (state == client.JobStatePending || state == client.JobStateRetrying) {
		heap.Push(&e.ready, j)
	}
	e.mu.Unlock()
	e.work()
}

// work gives ready jobs to free workers. A job that nobody handles is started and
// not heard of again, and keeps no worker busy.
func (e *engine) work() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for !e.closed && e.busy < e.cfg.workers && len(e.ready) > 0 {
		j := heap.Pop(&e.ready).(*job)
		r := &j.record
		if r.State != client.JobStatePending && r.State != client.JobStateRetrying {
			continue // cancelled
		}
		now := now()
		r.State, r.StartedAt, r.UpdatedAt, r.WorkerID = client.JobStateRunning, now, now, "worker-1"
		// Published under the lock, so that the start precedes whatever a canceller or the attempt causes.
		e.publishJob(client.EventJobStarted, jobEvent(r))
		handle := e.handlers.job(r.Name)
		if handle == nil {
			e.retire(r.ID)
			continue
		}
		e.busy++
		e.wg.Go(func() {
			e.attempt(j, handle)
			e.mu.Lock()
			e.busy--
			e.mu.Unlock()
			e.work()
		})
	}
}

// retire notes that a job or run has ended, and forgets the oldest ones beyond what is kept. The
// lock is held.
func (e *engine) retire(id string) {
	if e.cfg.retention <= 0 {
		return
	}
	e.ended = append(e.ended, id)
	if len(e.ended) > e.cfg.retention {
		delete(e.jobs, e.ended[0])
		delete(e.runs, e.ended[0])
		e.ended = e.ended[1:]
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
