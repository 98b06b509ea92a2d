package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
)

// newCaller calls every method but workflow.start, with deadlines: one call after another, or all
// at once.
func newCaller(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n, atOnce := 5+r.IntN(60), r.IntN(3) == 0
	return fmt.Sprintf("%d calls, at once %v", n, atOnce), func(ctx context.Context, w *world) {
		var open sync.WaitGroup
		defer open.Wait()
		for i := range n {
			q := drawRequest(r, name, name+"/"+strconv.Itoa(i), s.large)
			if atOnce {
				open.Go(func() { w.call(ctx, q) })
				continue
			}
			if pause(w.chaos, below(r, s.chaos/time.Duration(n))) != nil {
				return
			}
			w.call(ctx, q)
		}
	}
}

// request is what a caller asks for.
type request struct {
	caller, key string
	method      string
	timeout     time.Duration
	back        int // which job or run it is about, counted from the latest
	work        work
}

// drawRequest draws a request. The draws are the same whatever else happens.
func drawRequest(r *rand.Rand, caller, key string, large bool) request {
	return request{
		caller: caller, key: key, method: pick(r, wantedMethods...), timeout: between(r, time.Millisecond, callMost),
		back: r.IntN(10), work: drawWork(r, key, large),
	}
}

// wantedMethods is what callers choose from.
var wantedMethods = []string{
	client.MethodJobEnqueue, client.MethodJobEnqueue, client.MethodJobEnqueue, client.MethodJobGet, client.MethodJobCancel,
	client.MethodWorkflowGet, client.MethodWorkflowTimeline, client.MethodWorkflowEvent, client.MethodWorkflowEvent, client.MethodStats,
}

// call makes a call, and sees that its reply is about what was asked for.
func (w *world) call(ctx context.Context, q request) {
	about := ""
	switch q.method {
	case client.MethodJobGet, client.MethodJobCancel:
		about = w.facts.latest(&w.facts.jobs, q.back)
	case client.MethodWorkflowGet, client.MethodWorkflowTimeline:
		about = w.facts.latest(&w.facts.runs, q.back)
	}
	id, err := w.calls.do(ctx, q.caller, q.method, q.key, q.timeout, func(ctx context.Context) (string, error) {
		return w.perform(ctx, q, about)
	})
	if err == nil && about != "" && id != about {
		w.violate("%s of %s was answered with %s", q.method, about, id)
	}
}

// perform calls the client, and returns the id of what the reply is about, if it is about
// something.
func (w *world) perform(ctx context.Context, q request, about string) (id string, err error) {
	c := w.client
	switch q.method {
	case client.MethodJobEnqueue:
		result, err := c.Enqueue(ctx, "work", q.work, client.WithQueue(tickQueues[q.back%2]), client.WithPriority(q.back))
		if err != nil {
			return "", err
		}
		w.facts.job(result.JobID)
		return result.JobID, nil
	case client.MethodWorkflowEvent:
		return "", c.PublishEvent(ctx, "event-"+strconv.Itoa(q.back), q.work)
	}
	if about == "" { // there is no job or run yet
		_, err := c.Stats(ctx)
		return "", err
	}
	switch q.method {
	case client.MethodJobGet:
		job, err := c.GetJob(ctx, about)
		if err != nil {
			return "", err
		}
		return job.ID, nil
	case client.MethodJobCancel:
		return about, c.CancelJob(ctx, about)
	case client.MethodWorkflowGet:
		run, err := c.GetWorkflow(ctx, about)
		if err != nil {
			return "", err
		}
		return run.ID, nil
	default:
		_, err := c.WorkflowTimeline(ctx, about)
		return about, err
	}
}

// newStarter starts workflows, each of which blocks a lane; some wait for an event that a caller
// may publish.
func newStarter(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(8)
	return fmt.Sprintf("%d runs", n), func(ctx context.Context, w *world) {
		for i := range n {
			key := name + "/" + strconv.Itoa(i)
			wk, timeout := drawWork(r, key, s.large), between(r, time.Millisecond, callMost)
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
