package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/xraph/dispatch/client"
)

// newRunner runs workflows by RunWorkflow, some with a key, and follows the events of each to the
// end.
func newRunner(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n := 1 + r.IntN(6)
	return fmt.Sprintf("%d runs", n), func(ctx context.Context, w *world) {
		for i := range n {
			key := name + "/" + strconv.Itoa(i)
			wk, timeout, keyed := drawWork(r, key, s.large), between(r, time.Millisecond, callMost), r.IntN(2) == 0
			if pause(w.chaos, below(r, s.chaos/time.Duration(n))) != nil {
				return
			}
			var opts []client.RunOption
			if keyed {
				opts = append(opts, client.WithRunKey("key"))
			}
			_, _ = w.calls.do(ctx, name, client.MethodWorkflowStart, key, timeout, func(ctx context.Context) (string, error) {
				ctx, cancel := context.WithTimeout(ctx, timeout-time.Microsecond)
				defer cancel()
				run, err := w.client.RunWorkflow(ctx, "flow", wk, opts...)
				if err != nil {
					return "", err
				}
				w.followers.Go(func() { w.followRun(name, run, wk) })
				return w.endOfRun(ctx, run, wk)
			})
		}
	}
}

// endOfRun waits for the end of a run, and sees that the record is its own.
func (w *world) endOfRun(ctx context.Context, run *client.Run, wk work) (id string, err error) {
	record, err := run.Wait(ctx)
	if record == nil && ctx.Err() != nil {
		// The request has ended with the same ctx, or there is a reply, whose record is being read.
		brief, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
		defer cancel()
		id, known := run.ID(brief)
		if record, err = run.Wait(brief); record == nil && known == nil && !isOwnUnknown(err) {
			return id, nil
		}
	}
	switch {
	case record == nil:
		return "", err
	case err != nil: // the record cannot be read
		return record.ID, nil
	}
	var input work
	if err := record.DecodeInput(&input); err != nil || input.Key != wk.Key {
		w.violate("the run of %s has the record of %q: %v", wk.Key, input.Key, err)
	}
	if end, known := w.facts.endOf(record.ID); known && end != string(record.State) {
		w.violate("the run of %s ended as %s, and its record says %s", wk.Key, end, record.State)
	}
	return record.ID, nil
}

// followRun reads the events of a run to their end, and sees that they are its own and that none is
// missing without a gap.
func (w *world) followRun(name string, run *client.Run, wk work) {
	ctx, cancel := context.WithTimeout(context.Background(), awaitMost)
	defer cancel()
	var gaps, events, steps int
	var last *client.Event
	for ev, err := range run.Events(ctx) {
		if err != nil {
			w.history.add(name, "events of %s ended: %v", wk.Key, err)
			return
		}
		p, ok := ev.Payload().(*client.WorkflowEvent)
		if !ok {
			gaps++
			continue
		}
		if id, err := run.ID(ctx); err != nil || id != p.RunID {
			w.violate("%s: an event of %s among those of %s, %v", name, p.RunID, id, err)
		}
		if events++; ev.Type == client.EventWorkflowStepCompleted {
			steps++
		}
		last = ev
	}
	w.history.add(name, "events of %s: %d, %d steps, %d gaps", wk.Key, events, steps, gaps)
	if last == nil || gaps > 0 || w.client.State() == client.StateClosed || w.effects.has(losesSilently|repeats|reorders|forgets) {
		return
	}
	ended := last.Type == client.EventWorkflowCompleted || last.Type == client.EventWorkflowFailed
	if !ended || !last.Synthetic && (events != steps+2 || steps != wk.Steps) || last.Synthetic && len(w.faults) == 0 {
		w.violate("%s: the events of %s are %d, %d of %d steps, the last %s (made: %v), without a gap", name, wk.Key, events, steps, wk.Steps, last.Type, last.Synthetic)
	}
}

// isOwnUnknown reports whether an error says how the request of a run has failed, and not that its
// record is being read.
func isOwnUnknown(err error) bool {
	_, unknown := errors.AsType[*client.OutcomeUnknownError](err)
	_, refused := errors.AsType[*client.Error](err)
	_, garbled := errors.AsType[*client.ReplyError](err)
	return unknown || refused || garbled || client.SafeToRetry(err)
}
