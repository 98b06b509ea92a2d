package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/xraph/dispatch/client"
)

// newCaller calls every method but workflow.start, one call after another, with deadlines.
func newCaller(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n, burst := 5+r.IntN(60), r.IntN(3) == 0
	return fmt.Sprintf("%d calls, burst %v", n, burst), func(ctx context.Context, w *world) {
		for i := range n {
			if !burst && pause(w.chaos, below(r, s.chaos/time.Duration(n))) != nil {
				return
			}
			w.callOnce(ctx, r, name, name+"/"+strconv.Itoa(i))
		}
	}
}

// callOnce makes one call of some method. The draws are the same whatever the others do.
func (w *world) callOnce(ctx context.Context, r *rand.Rand, name, key string) {
	timeout := between(r, time.Millisecond, callMost)
	method, back, wk := pick(r, oneCall...), r.IntN(10), drawWork(r, key)
	job, someJob := w.facts.some(&w.facts.jobs, back)
	run, someRun := w.facts.some(&w.facts.runs, back)
	c := w.client
	var asked, got string
	do := func(id string, f func(ctx context.Context) (string, error)) {
		asked = id
		_, err := w.calls.do(ctx, name, method, key, timeout, func(ctx context.Context) (string, error) {
			var err error
			got, err = f(ctx)
			return got, err
		})
		if err == nil && asked != "" && got != asked {
			w.violate("%s of %s was answered with %s", method, asked, got)
		}
	}
	switch {
	case method == client.MethodJobEnqueue:
		do("", func(ctx context.Context) (string, error) {
			result, err := c.Enqueue(ctx, "work", wk, client.WithQueue(tickQueues[back%2]), client.WithPriority(back))
			if err != nil {
				return "", err
			}
			w.facts.job(result.JobID)
			return result.JobID, nil
		})
	case method == client.MethodJobGet && someJob:
		do(job, func(ctx context.Context) (string, error) {
			record, err := c.GetJob(ctx, job)
			if err != nil {
				return "", err
			}
			return record.ID, nil
		})
	case method == client.MethodJobCancel && someJob:
		do(job, func(ctx context.Context) (string, error) { return job, c.CancelJob(ctx, job) })
	case method == client.MethodWorkflowGet && someRun:
		do(run, func(ctx context.Context) (string, error) {
			record, err := c.GetWorkflow(ctx, run)
			if err != nil {
				return "", err
			}
			return record.ID, nil
		})
	case method == client.MethodWorkflowTimeline && someRun:
		do("", func(ctx context.Context) (string, error) {
			_, err := c.WorkflowTimeline(ctx, run)
			return "", err
		})
	case method == client.MethodWorkflowEvent:
		do("", func(ctx context.Context) (string, error) {
			return "", c.PublishEvent(ctx, "event-"+strconv.Itoa(back), wk)
		})
	default:
		method = client.MethodStats
		do("", func(ctx context.Context) (string, error) {
			_, err := c.Stats(ctx)
			return "", err
		})
	}
}

// oneCall is what a caller chooses from.
var oneCall = []string{
	client.MethodJobEnqueue, client.MethodJobEnqueue, client.MethodJobEnqueue, client.MethodJobGet, client.MethodJobCancel,
	client.MethodWorkflowGet, client.MethodWorkflowTimeline, client.MethodWorkflowEvent, client.MethodWorkflowEvent, client.MethodStats,
}

// newStarter starts workflows, each of which blocks a lane; some wait for an event that a caller may publish.
func newStarter(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(8)
	return fmt.Sprintf("%d runs", n), func(ctx context.Context, w *world) {
		for i := range n {
			key := name + "/" + strconv.Itoa(i)
			wk, timeout := drawWork(r, key), between(r, time.Millisecond, callMost)
			if r.IntN(3) == 0 {
				wk.Waits = "event-" + strconv.Itoa(r.IntN(10))
			}
			if pause(w.chaos, below(r, s.chaos/time.Duration(n))) != nil {
				return
			}
			_, _ = w.calls.do(ctx, name, client.MethodWorkflowStart, key, timeout, func(ctx context.Context) (string, error) {
				result, err := w.client.StartWorkflow(ctx, "flow", wk)
				if err != nil {
					return "", err
				}
				return result.RunID, nil
			})
		}
	}
}

// newEnder closes or drains the client in the middle of everything.
func newEnder(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	at, drain := below(r, s.chaos), r.IntN(2) == 0
	return fmt.Sprintf("after %v, drain %v", at, drain), func(ctx context.Context, w *world) {
		if pause(w.chaos, at) != nil {
			return
		}
		w.mu.Lock()
		w.ended = true
		w.mu.Unlock()
		if !drain {
			w.history.add(name, "close")
			if err := w.client.Close(); err != nil {
				w.violate("Close: %v", err)
			}
			return
		}
		_, err := w.calls.do(ctx, name, "drain", "", callMost, func(ctx context.Context) (string, error) { return "", w.client.Drain(ctx) })
		if err == nil && w.client.State() != client.StateClosed {
			w.violate("drained, and then %v", w.client.State())
		}
	}
}

// newObserver follows the client's changes of state and sees that they make a chain.
func newObserver(*rand.Rand, string, stage) (string, func(context.Context, *world)) {
	return "", func(ctx context.Context, w *world) {
		var last *client.Transition
		for t := range w.client.Transitions(ctx) {
			w.history.add("state", "%v -> %v, attempt %d, in %v: %v", t.From, t.To, t.Attempt, t.Delay, t.Cause)
			if last != nil && t.Missed == 0 && t.From != last.To {
				w.violate("a transition from %v after one to %v", t.From, last.To)
			}
			last = &t
		}
		if last != nil && last.To != client.StateClosed {
			w.violate("the transitions ended with one to %v", last.To)
		}
	}
}
