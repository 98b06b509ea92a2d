// This file takes calls and subscriptions through the interceptors.

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/xraph/dispatch/codec"
)

// intercept wraps the functions that make calls and subscriptions. They stay nil without
// interceptors.
func (c *config) intercept() error {
	if len(c.interceptors) == 0 {
		return nil
	}
	c.calls, c.subscribes = makeCall, makeSubscription
	for n, i := range slices.Backward(c.interceptors) {
		if i == nil || reflect.ValueOf(i).Kind() == reflect.Func && reflect.ValueOf(i).IsNil() {
			return fmt.Errorf("dispatch: WithInterceptors: interceptor %d is nil", n+1)
		}
		if c.calls, c.subscribes = i.WrapCall(c.calls), i.WrapSubscribe(c.subscribes); c.calls == nil || c.subscribes == nil {
			return fmt.Errorf("dispatch: WithInterceptors: interceptor %d returned a nil function", n+1)
		}
	}
	return nil
}

var (
	errNotOurs      = errors.New("an interceptor passed on a call that no client has made")
	errOvertaken    = errors.New("an interceptor called next after the call had returned")
	errNoConclusion = errors.New("an interceptor returned neither a subscription nor an error")
)

// chained is how many times next is running within a call through the interceptors, and whether the
// call has returned.
type chained struct {
	mu      sync.Mutex
	running int
	over    bool
}

// enter begins a next. It returns false if the call has returned.
func (e *chained) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return false
	}
	e.running++
	return true
}

// leave ends a next, and reports whether it was the last and the call has returned.
func (e *chained) leave() (last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running--
	return e.over && e.running == 0
}

// finish ends the call, and reports whether no next is running.
func (e *chained) finish() (last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.over = true
	return e.running == 0
}

// interceptedCall is what makes a call below the interceptors. It counts as one call in flight, for
// a drain, until it has returned and no next is running.
type interceptedCall struct {
	chained
	m       *method
	refusal error // why it may not be made, if a drain has begun
	end     func()
	make    func(ctx context.Context) (Reply, error)
}

// makeCall is the innermost CallFunc.
func makeCall(ctx context.Context, call Call) (Reply, error) {
	i := call.made
	switch {
	case i == nil:
		return Reply{}, &callError{method: call.Method, err: errNotOurs, safe: true}
	case !i.enter():
		return Reply{}, &callError{method: i.m.name, err: errOvertaken, safe: true}
	}
	defer func() {
		if i.leave() {
			i.end()
		}
	}()
	if i.refusal != nil {
		return Reply{}, i.refusal
	}
	return i.make(ctx)
}

// encodable is a pointer to a request that encodes itself.
type encodable[R any] interface {
	*R
	AppendJSON(dst []byte) ([]byte, error)
}

// noRequest is the request of a method without one.
type noRequest struct{}

// AppendJSON returns dst.
func (*noRequest) AppendJSON(dst []byte) ([]byte, error) { return dst, nil }

// visible is a request that interceptors see.
type visible struct {
	value  any
	encode encoder // nil if it has no data
	sent   func()  // called when it is put on a session; nil for nothing
	run    *Run    // whose request it is; nil for another
}

// copied returns a copy of a request for interceptors.
func copied[R any, Q encodable[R]](r R) visible {
	if _, none := any(r).(noRequest); none {
		return visible{}
	}
	return visible{value: &r, encode: Q(&r).AppendJSON}
}

// intercepted is callAs through the interceptors.
func intercepted[T any](ctx context.Context, c *Client, w waiter, m *method, req visible, scan func(*codec.Scanner) T) (v T, err error) {
	i := &interceptedCall{m: m, end: func() {}}
	i.make = func(ctx context.Context) (Reply, error) {
		if w.isRead() {
			done, err := c.turn(ctx, m)
			if err != nil {
				return Reply{}, err
			}
			defer done()
		}
		x := c.exchanges.get()
		x.put = req.sent
		var data []byte
		var err error
		if req.run == nil {
			data, err = c.make(ctx, w, m, x, req.encode)
		} else {
			data, err = req.run.make(ctx, x, req.encode)
		}
		r := Reply{Attempts: x.attempts, Session: x.session}
		v, err := decoded(c, m, x, data, err, scan)
		if err == nil && !m.discards {
			r.Result = v
		}
		return r, err
	}
	if err := c.inFlight.enter(w); err != nil {
		i.refusal = c.refused(m, err)
	} else {
		i.end = c.inFlight.leave
	}
	defer func() {
		if i.finish() {
			i.end()
		}
	}()
	r, err := c.cfg.calls(ctx, Call{Method: m.name, Request: req.value, Follows: w.isRead(), made: i})
	if err != nil || m.discards {
		return v, err
	}
	v, ok := r.Result.(T)
	if value := reflect.ValueOf(v); !ok || value.Kind() == reflect.Pointer && value.IsNil() {
		err = fmt.Errorf("an interceptor returned a result of the type %T instead of %T", r.Result, v)
		return v, &callError{method: m.name, err: err, safe: m.repeatable()}
	}
	return v, nil
}

// scanRaw reads the data of a reply as they are.
func scanRaw(s *codec.Scanner) (data json.RawMessage) {
	codec.ScanRaw(s, &data)
	return data
}

// interceptedSubscribe is what makes a subscription below the interceptors.
type interceptedSubscribe struct {
	chained
	subscribe func(ctx context.Context) (*Subscription, error)
	subs      []*Subscription // those that were made; guarded by the lock of chained
}

// makeSubscription is the innermost SubscribeFunc.
func makeSubscription(ctx context.Context, call SubscribeCall) (*Subscription, error) {
	i := call.made
	switch {
	case i == nil:
		return nil, subscribeError(errNotOurs)
	case !i.enter():
		return nil, subscribeError(errOvertaken)
	}
	defer i.leave()
	sub, err := i.subscribe(ctx)
	if err != nil {
		return nil, err
	}
	if !i.keep(sub) {
		sub.Discard()
		return nil, subscribeError(errOvertaken)
	}
	return sub, nil
}

// keep records a subscription that was made. It returns false if the call has returned.
func (i *interceptedSubscribe) keep(sub *Subscription) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.over {
		i.subs = append(i.subs, sub)
	}
	return !i.over
}

// interceptSubscribe makes a subscription through the interceptors.
func (c *Client) interceptSubscribe(ctx context.Context, call SubscribeCall, subscribe func(context.Context) (*Subscription, error)) (sub *Subscription, err error) {
	i := &interceptedSubscribe{subscribe: subscribe}
	defer func() {
		i.finish()
		for _, made := range i.subs {
			if made != sub {
				made.Discard()
			}
		}
	}()
	call.made = i
	result, err := c.cfg.subscribes(ctx, call)
	switch {
	case err != nil:
		return nil, err
	case result == nil:
		return nil, subscribeError(errNoConclusion)
	}
	return result, nil
}
