package sim

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// work is the payload of jobs and the input of workflows: who it is, and how it goes.
type work struct {
	Key   string        `json:"key"` // unique in a life
	Took  time.Duration `json:"took"`
	Fails int           `json:"fails"` // attempts of a job, or whether a workflow does
	Waits string        `json:"waits"` // the name of an event that a workflow waits for, if any
	Steps int           `json:"steps"`
	// the payload can be sent, but its record is too large to read
	Pad string `json:"pad,omitempty"`
}

// drawWork draws what a job or a workflow does.
func drawWork(r *rand.Rand, key string, large bool) work {
	wk := work{Key: key, Took: below(r, workMost), Steps: r.IntN(4)}
	if r.IntN(3) == 0 {
		wk.Took = 0
	}
	if r.IntN(4) == 0 {
		wk.Fails = 1 + r.IntN(5)
	}
	if large && r.IntN(4) == 0 {
		wk.Pad = strings.Repeat("x", smallMessage*3/4)
	}
	return wk
}

// facts is what the world knows of the server's jobs and runs: past the client.
type facts struct {
	mu   sync.Mutex
	jobs []string          // ids that the client received
	runs []string          // ids of runs that have begun
	ends map[string]string // the final states of runs
}

func newFacts() *facts { return &facts{ends: map[string]string{}} }

func (f *facts) job(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.jobs = append(f.jobs, id)
}

func (f *facts) run(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs = append(f.runs, id)
}

// end records how a run ended, unless the server ended before.
func (f *facts) end(ctx context.Context, id string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err != nil:
		f.ends[id] = string(client.RunStateFailed)
	default:
		f.ends[id] = string(client.RunStateCompleted)
	}
}

func (f *facts) endOf(id string) (state string, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	state, known = f.ends[id]
	return state, known
}

// latest returns one of the jobs or runs, counted back from the latest, "" if there are none.
func (f *facts) latest(of *[]string, back int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(*of) == 0 {
		return ""
	}
	return (*of)[len(*of)-1-back%len(*of)]
}

// handleWork registers what the server can do.
func handleWork(w *world) {
	w.srv.HandleJob("work", func(ctx context.Context, job devserver.Job) error {
		var wk work
		if err := json.Unmarshal(job.Payload, &wk); err != nil {
			return err
		}
		if err := pause(ctx, wk.Took); err != nil {
			return err
		}
		if job.Attempt <= wk.Fails {
			return errors.New("planned to fail")
		}
		return nil
	})
	w.srv.HandleWorkflow("flow", func(ctx context.Context, run *devserver.Run) (output any, err error) {
		w.facts.run(run.ID())
		defer func() { w.facts.end(ctx, run.ID(), err) }()
		var wk work
		if err := json.Unmarshal(run.Input(), &wk); err != nil {
			return nil, err
		}
		if wk.Waits != "" {
			if _, err := run.WaitForEvent(wk.Waits, workMost); err != nil {
				return nil, err
			}
		}
		for range wk.Steps {
			err := run.Step("step", func(ctx context.Context) (any, error) { return wk.Key, pause(ctx, wk.Took/4) })
			if err != nil {
				return nil, err
			}
		}
		if wk.Fails > 0 {
			return nil, errors.New("planned to fail")
		}
		return wk.Key, nil
	})
}
