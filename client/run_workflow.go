package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/xraph/dispatch/codec"
)

// RunWorkflow starts a workflow and returns at once, unlike [Client.StartWorkflow], which waits for
// the run's end. The [Run] tells of it: its id, its events, and how it ended.
//
// It calls workflow.start, which needs the scope workflow:write, on a lane: at most [WithLanes]
// runs are under way at once, 4 by default, and a further one waits. To find the run and its
// events, all calls share one subscription to the channel workflows, which needs the scope
// subscribe, and read records, which needs workflow:read. Without these the id is known when the
// run has ended, and [Run.Events] returns an error.
//
// The server says which run it has started only when that has ended. With [WithRunKey] the run is
// known when it begins. Without a key nothing is guessed: [Run.Candidates] returns what may be the
// run, and [Run.ID] and [Run.Events] wait for the server's reply.
//
// input is encoded as in StartWorkflow, before RunWorkflow returns. ctx bounds the request, as in
// StartWorkflow, also after RunWorkflow has returned: do not cancel it before the run has ended.
// The ctxs of the Run's methods only bound these. A call that was sent and gets no reply is not
// sent again, and [Run.Wait] returns an [*OutcomeUnknownError].
//
// RunWorkflow does not block. Its errors are those of a bad option, key or input, and those that
// match [ErrTooManyCalls] (see Limits.WaitingCalls), [ErrNotConnected], [ErrDraining], [ErrClosed]
// or ctx's error. Nothing was sent then. Other errors are those of the Run's methods.
// [Client.Drain] waits for runs, and [Client.Close] ends the waiting for them.
func (c *Client) RunWorkflow(ctx context.Context, name string, input any, opts ...RunOption) (*Run, error) {
	m := &methodWorkflowStart
	key, err := runKeyOf(opts, &input)
	if err != nil {
		return nil, &callError{method: m.name, err: err, safe: true}
	}
	req := &StartWorkflowRequest{Name: name, Input: input}
	if c.cfg.calls != nil && input != nil { // which encode it later
		text, err := codec.AppendAny(nil, input)
		if err != nil {
			return nil, &callError{method: m.name, err: fmt.Errorf("encode the request: %w", err), safe: true}
		}
		req.Input = json.RawMessage(text)
	}
	x := c.exchanges.get()
	if err := x.prepare(m, req.AppendJSON); err != nil {
		c.exchanges.put(x)
		return nil, err
	}
	at, err := c.admitRun(ctx)
	if err != nil {
		c.exchanges.put(x)
		return nil, err
	}
	r := &Run{Name: name, c: c, name: name, key: key, known: make(chan struct{}), done: make(chan struct{})}
	at.begin = r.begin
	r.at.Store(at)
	c.registry.search.join(r)
	if !c.spawn(func() { r.carry(ctx, at, x, req) }) {
		c.registry.search.fail(r)
		c.dismissRun(at)
		return nil, c.refused(m, ErrClosed)
	}
	return r, nil
}

// admitRun counts a call as one that a drain waits for, and takes a lane or a place among the
// waiting calls.
func (c *Client) admitRun(ctx context.Context) (*admission, error) {
	m := &methodWorkflowStart
	if err := ended(ctx); err != nil {
		return nil, unsent(ctx, m, err)
	}
	if err := c.inFlight.enter(newCall); err != nil {
		return nil, c.refused(m, err)
	}
	at := &admission{as: newCall}
	err := c.lanes.claim(at)
	if err == nil && (c.cfg.failFast || c.ctx.Err() != nil) {
		_, err = c.status.waitReady(ctx, c.cfg, newCall) // which does not wait
	}
	if err != nil {
		c.dismissRun(at)
		return nil, unsent(ctx, m, err)
	}
	return at, nil
}

// dismissRun undoes admitRun.
func (c *Client) dismissRun(at *admission) {
	c.lanes.unclaim(at)
	c.inFlight.release(at)
	c.inFlight.leave()
}

// begin waits until the server reports the runs that begin, if it is going to, and begins the
// search.
func (r *Run) begin(ctx context.Context) error {
	if r.via != nil {
		patience := time.NewTimer(answerPatience)
		defer patience.Stop()
		select {
		case <-r.via.confirmed: // or ended
		case <-patience.C: // what is missed is a gap
		case <-ctx.Done():
			return waited(ctx, "the confirmation of the channel "+ChannelWorkflows, r.c.status.why())
		case <-r.c.ctx.Done():
			return r.c.status.callError()
		}
	}
	r.c.registry.search.begin(r)
	return nil
}

// carry makes the request and follows the run to its end. It runs on a goroutine of its own.
func (r *Run) carry(ctx context.Context, at *admission, x *exchange, req *StartWorkflowRequest) {
	c, m := r.c, &methodWorkflowStart
	defer c.dismissRun(at)
	var reply *WorkflowResult
	var err error
	if c.cfg.calls == nil {
		data, failure := c.carry(ctx, at, m, x)
		reply, err = decoded(c, m, x, data, failure, scanNew[WorkflowResult])
	} else {
		c.exchanges.put(x)
		seen := visible{value: req, encode: req.AppendJSON, run: r}
		reply, err = intercepted(ctx, c, runCall, m, seen, scanNew[WorkflowResult])
	}
	c.lanes.unclaim(at)
	if err != nil {
		r.lost(err)
		return
	}
	r.replied(reply)
}

// make makes the request below the interceptors. The first takes the place that RunWorkflow took;
// if an interceptor makes it again, the run is that of the reply in the end.
func (r *Run) make(ctx context.Context, x *exchange, encode encoder) ([]byte, error) {
	if at := r.at.Swap(nil); at != nil {
		return r.c.makeAs(ctx, at, &methodWorkflowStart, x, encode)
	}
	at := admission{as: newCall, begin: r.begin}
	defer r.c.inFlight.release(&at)
	return r.c.makeAs(ctx, &at, &methodWorkflowStart, x, encode)
}

// keyPatience is how long after the loss of its lane a run may become known by its key.
const keyPatience = time.Second

// lost ends the waiting for a reply that does not come. A run that is known goes on, and is
// followed as Watch does.
func (r *Run) lost(err error) {
	r.err = err
	close(r.done)
	var unknown *OutcomeUnknownError
	if r.key.member != "" && errors.As(err, &unknown) {
		select {
		case <-r.known:
		case <-time.After(keyPatience):
		case <-r.c.ctx.Done():
		}
	}
	r.c.registry.search.fail(r)
	if id, sub, err := r.identity(r.c.ctx); err == nil && sub != nil {
		f := newFollower(r.c, r.c.run("watch", ownRead, id))
		f.attach(sub)
		r.c.spawn(func() { r.c.follow(f) })
	}
}

// replied takes the reply to a run that has ended.
func (r *Run) replied(result *WorkflowResult) {
	c := r.c
	if err := c.registry.search.confirm(r, result.RunID); err != nil {
		r.err = err
		close(r.done)
		return
	}
	r.record = &WorkflowRun{ID: result.RunID, Name: result.Name, State: RunState(result.State)}
	record, err := c.endOf(result.RunID)
	if err == nil {
		r.record = record
	} else if r.err = r.naming(err); r.err == err { //nolint:errorlint // it is the same, or a new one
		r.err = r.failed(err)
	}
	close(r.done)
	sub := r.sub // known is closed
	switch {
	case sub == nil || !sub.lasts(lastEventPatience):
	case err != nil:
		c.registry.remove(sub, err)
	default:
		c.registry.conclude(sub, lastEvent(r.record))
	}
}

// endOf reads the record of a run that has ended, until the record says so.
func (c *Client) endOf(id string) (*WorkflowRun, error) {
	f := newFollower(c, c.run("get the record of run", runRead, id))
	f.ended = time.Now()
	for {
		err := f.read(c.ctx)
		if err == nil && f.final {
			return f.record, nil
		}
		if err == nil {
			err = f.wait(c.ctx)
		}
		if c.ctx.Err() != nil {
			return nil, f.failed(c.status.callError())
		}
		if err != nil {
			return nil, err
		}
	}
}

// RunMismatchError is the error of a [Run] whose key was that of another run: the reply names a
// different one. What [Run.Events] delivered is of the other run.
type RunMismatchError struct {
	Member string // of the input: the argument of WithRunKey
	Found  string // the run that had the key
	RunID  string // the run that the server has started
}

func (e *RunMismatchError) Error() string {
	return fmt.Sprintf("dispatch: run %s has the value of %q, but the server started %s", e.Found, e.Member, e.RunID)
}
