package sim

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// checkCalls compares the results of calls with the work that the server did.
func (w *world) checkCalls() {
	done := w.done()
	for _, c := range w.calls.all() {
		switch {
		case c.ended.IsZero():
			w.violate("%s: %s %s never returned", c.who, c.method, c.key)
			continue
		case c.ended.After(c.deadline) && c.method != "drain", c.ended.Sub(c.deadline) > closeMost:
			w.violate("%s: %s %s returned %v after its deadline", c.who, c.method, c.key, c.ended.Sub(c.deadline))
		}
		switch c.method {
		case client.MethodJobEnqueue, client.MethodWorkflowStart, client.MethodWorkflowEvent:
			w.checkUnsafe(&c, done[c.method+" "+c.key])
		case client.MethodJobGet, client.MethodJobCancel, client.MethodWorkflowGet, client.MethodWorkflowTimeline, client.MethodStats:
			w.checkRepeatable(&c)
		}
		if len(w.faults) == 0 && c.err != nil && !isOwnDoing(c.err) {
			w.violate("%s: %s %s failed, though nothing was wrong: %v", c.who, c.method, c.key, c.err)
		}
	}
}

// isOwnDoing reports whether a call failed for a reason that lies with who made it: its deadline,
// the client's end, a payload that is too large to be read back, or a subscription's queue that was
// full before it was confirmed.
func isOwnDoing(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, client.ErrClosed) || errors.Is(err, client.ErrDraining) ||
		errors.Is(err, client.ErrOverflow) || errors.Is(err, client.ErrTooLarge)
}

// done returns what was done, by method and key: one entry for each request.
func (w *world) done() map[string][]devserver.Entry {
	done := map[string][]devserver.Entry{}
	for _, e := range w.srv.Journal(client.MethodJobEnqueue, client.MethodWorkflowStart, client.MethodWorkflowEvent) {
		var wk work
		if err := json.Unmarshal(e.Payload, &wk); err != nil || wk.Key == "" {
			w.violate("%s was done with a payload that no caller sent: %s", e.Method, e.Payload)
			continue
		}
		key := e.Method + " " + wk.Key
		if n := len(done[key]); n > 0 && done[key][n-1].Request == e.Request {
			continue // the server's doing
		}
		done[key] = append(done[key], e)
	}
	return done
}

// checkUnsafe checks that the results of unsafe calls were true.
func (w *world) checkUnsafe(c *call, done []devserver.Entry) {
	var unknown *client.OutcomeUnknownError
	var refused *client.Error
	var garbled *client.ReplyError
	switch {
	case len(done) > 1:
		w.violate("%s: %s %s was done %d times", c.who, c.method, c.key, len(done))
	case c.err == nil && len(done) != 1:
		w.violate("%s: %s %s succeeded, and was not done", c.who, c.method, c.key)
	case c.err == nil && c.id != "" && c.id != done[0].ID:
		w.violate("%s: %s %s made %s, and its caller got %s", c.who, c.method, c.key, done[0].ID, c.id)
	case c.err == nil:
	case client.SafeToRetry(c.err) && len(done) > 0:
		w.violate("%s: %s %s is called safe to retry, and was done: %v", c.who, c.method, c.key, c.err)
	case client.SafeToRetry(c.err):
	case !errors.As(c.err, &unknown) && !errors.As(c.err, &refused) && !errors.As(c.err, &garbled):
		w.violate("%s: %s %s is not safe to retry, and the error does not say why: %v", c.who, c.method, c.key, c.err)
	}
}

// checkRepeatable checks that errors of repeatable calls say so, and that existing records are
// found.
func (w *world) checkRepeatable(c *call) {
	var unknown *client.OutcomeUnknownError
	switch {
	case c.err == nil:
	case errors.As(c.err, &unknown) || !client.SafeToRetry(c.err):
		w.violate("%s: %s %s can be repeated, and is called not safe to retry: %v", c.who, c.method, c.key, c.err)
	case errors.Is(c.err, client.ErrNotFound) && !w.effects.has(forgets) && !w.effects.has(refuses):
		w.violate("%s: %s %s: %v", c.who, c.method, c.key, c.err)
	}
}
