package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/xraph/dispatch/client"
)

// follow is one wait for the end of a job or of a run.
type follow struct {
	name, entity string
	state        string // the final state that it saw
	err          error
	over         bool
}

func (w *world) follows(name, entity string) *follow {
	f := &follow{name: name, entity: entity}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entities = append(w.entities, f)
	return f
}

func (w *world) followed(f *follow, state string, err error) {
	w.history.add(f.name, "%s ended: %q %v", f.entity, state, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	f.state, f.err, f.over = state, err, true
}

// newAwaiter enqueues jobs and awaits them.
func newAwaiter(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(4)
	return fmt.Sprintf("%d jobs", n), func(ctx context.Context, w *world) {
		for i := range n {
			key := name + "/" + strconv.Itoa(i)
			wk, cancels := drawWork(r, key, s.large), r.IntN(4) == 0
			if pause(w.chaos, below(r, s.chaos/time.Duration(n))) != nil {
				return
			}
			id, err := w.calls.do(ctx, name, client.MethodJobEnqueue, key, callMost, func(ctx context.Context) (string, error) {
				result, err := w.client.Enqueue(ctx, "work", wk)
				if err != nil {
					return "", err
				}
				return result.JobID, nil
			})
			if err != nil {
				continue
			}
			w.facts.job(id)
			f := w.follows(name, id)
			w.followers.Go(func() {
				var state string
				_, err := w.calls.do(ctx, name, "await job", id, awaitMost, func(ctx context.Context) (string, error) {
					job, err := w.client.AwaitJob(ctx, id)
					if err != nil {
						return "", err
					}
					state = string(job.State)
					return job.ID, nil
				})
				w.followed(f, state, err)
			})
			if cancels {
				_ = pause(ctx, wk.Took/2)
				_, _ = w.calls.do(ctx, name, client.MethodJobCancel, id, callMost, func(ctx context.Context) (string, error) {
					return id, w.client.CancelJob(ctx, id)
				})
			}
		}
	}
}

// newWatcher watches or awaits runs that others have started, during or after them.
func newWatcher(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(4)
	return fmt.Sprintf("%d runs", n), func(ctx context.Context, w *world) {
		for range n {
			back, await := r.IntN(3), r.IntN(2) == 0
			if pause(w.chaos, below(r, s.chaos/time.Duration(n))) != nil {
				return
			}
			id := w.facts.latest(&w.facts.runs, back)
			if id == "" {
				continue
			}
			f := w.follows(name, id)
			w.followers.Go(func() {
				var state string
				what, follow := "watch run", w.watch
				if await {
					what, follow = "await run", w.awaitRun
				}
				_, err := w.calls.do(ctx, name, what, id, awaitMost, func(ctx context.Context) (string, error) {
					var err error
					state, err = follow(ctx, id)
					return state, err
				})
				w.followed(f, state, err)
			})
		}
	}
}

func (w *world) awaitRun(ctx context.Context, id string) (string, error) {
	run, err := w.client.AwaitWorkflow(ctx, id)
	if err != nil {
		return "", err
	}
	return string(run.State), nil
}

// watch follows a run to its end, trying again if the subscription is not to be had at the first
// attempt.
func (w *world) watch(ctx context.Context, id string) (state string, err error) {
	var sub *client.Subscription
	for {
		if sub, err = w.client.Watch(ctx, id); err == nil {
			break
		}
		if w.client.State() == client.StateClosed || errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrTooLarge) || pause(ctx, time.Second) != nil {
			return "", err
		}
	}
	for {
		ev, err := sub.Next(ctx)
		switch {
		case err == io.EOF && state == "" && (w.wasEnded() || w.client.State() == client.StateClosed):
			return "", client.ErrClosed
		case err == io.EOF:
			return state, nil
		case err != nil:
			return state, err
		case state != "":
			w.violate("watching %s: %s after the end", id, ev.Type)
		}
		switch ev.Type {
		case client.EventWorkflowCompleted:
			state = string(client.RunStateCompleted)
		case client.EventWorkflowFailed:
			state = string(client.RunStateFailed)
		default: // the run goes on
		}
	}
}
