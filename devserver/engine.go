package devserver

import (
	"context"
	"slices"
	"sync"
	"time"

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
	busy     int             // workers
	warned   map[string]bool // of what is logged once
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

// enter counts something in that runs, unless the engine is closed; wg is then done once.
func (e *engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.wg.Add(1)
	return true
}

// after runs f later, unless the engine is closed by then.
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

// retire notes that a job or run has ended, and forgets the oldest ones beyond what is kept. The
// lock is held.
func (e *engine) retire(id string) {
	if e.cfg.retention <= 0 {
		return
	}
	e.ended = append(e.ended, id)
	if len(e.ended) > e.cfg.retention {
		if j := e.jobs[e.ended[0]]; j != nil && j.timer != nil {
			j.timer.Stop() // it would keep a job in memory that nobody handled
		}
		delete(e.jobs, e.ended[0])
		delete(e.runs, e.ended[0])
		e.ended = e.ended[1:]
	}
}

// revive takes it back that a job has ended. The lock is held.
func (e *engine) revive(j *job) {
	j.retired = false
	e.ended = slices.DeleteFunc(e.ended, func(id string) bool { return id == j.record.ID })
}
