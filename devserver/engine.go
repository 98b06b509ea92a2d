package devserver

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
)

// engine holds and runs jobs and workflow runs. It serves the methods of the protocol. A server
// that restarts without its memory gets a new engine.
type engine struct {
	cfg      *config
	handlers *handlers
	broker   *broker
	journal  *journal

	ctx  context.Context // of everything that runs
	stop context.CancelFunc
	wg   sync.WaitGroup // everything that runs

	mu       sync.Mutex
	closed   bool
	jobs     map[string]*job
	ready    readyJobs
	sequence int
	busy     int             // how many workers run a job
	warned   map[string]bool // what was logged and is logged only once
	runs     map[string]*Run
	inbox    inbox
	ended    []string // ids of jobs and runs, oldest first, if not all of them are kept
}

var _ service = (*engine)(nil)

func newEngine(cfg *config, h *handlers, b *broker, j *journal) *engine {
	e := &engine{
		cfg: cfg, handlers: h, broker: b, journal: j,
		jobs: map[string]*job{}, runs: map[string]*Run{}, warned: map[string]bool{}, inbox: inbox{keep: cfg.retention},
	}
	e.ctx, e.stop = context.WithCancel(context.Background())
	return e
}

// close ends everything that runs and waits for it. It announces nothing.
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

// enter reports whether the engine is open, and adds 1 to wg if it is. The caller then calls
// wg.Done.
func (e *engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.wg.Add(1)
	return true
}

// after runs f after d, unless the engine is closed by then.
func (e *engine) after(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() {
		if e.enter() {
			defer e.wg.Done()
			f()
		}
	})
}

// Stats serves stats.
func (e *engine) Stats(context.Context) (*client.Stats, error) {
	return &client.Stats{Broker: e.broker.stats()}, nil
}

// retire records that a job or run has ended, and forgets the oldest ones beyond the retention. The
// lock is held.
func (e *engine) retire(id string) {
	if e.cfg.retention <= 0 {
		return
	}
	e.ended = append(e.ended, id)
	if len(e.ended) > e.cfg.retention {
		if j := e.jobs[e.ended[0]]; j != nil && j.timer != nil {
			j.timer.Stop() // it refers to the job, and would keep it in memory
		}
		delete(e.jobs, e.ended[0])
		delete(e.runs, e.ended[0])
		e.ended = e.ended[1:]
	}
}

// revive records that a job has not ended after all. The lock is held.
func (e *engine) revive(j *job) {
	j.retired = false
	e.ended = slices.DeleteFunc(e.ended, func(id string) bool { return id == j.record.ID })
}
