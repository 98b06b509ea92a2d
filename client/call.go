package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/xraph/dispatch/codec"
)

// maxRetries is how often a written call of a safe or idempotent method is sent again after its
// connection was lost.
const maxRetries = 3

// maxStrikes is how many strikes end a call's repetitions: see session.strikes.
const maxStrikes = 2

// Call calls a method by its name on the wire. It encodes req as the request's data, as
// encoding/json does, and decodes the reply's data into resp. A nil req sends no data, and a nil
// resp ignores the reply's.
//
// A method of the schema is called with the properties that the schema gives it, such as its
// idempotency. Any other method is treated as unsafe and as one that does not block its connection.
// The methods auth, subscribe and unsubscribe, which the client calls itself, are an error.
//
// Call blocks until the reply arrives, ctx ends or the client closes. As with every call, the error
// is an [*Error], an [*OutcomeUnknownError], a [*ReplyError], or one that matches
// [ErrTooManyCalls], [ErrTooLarge], [ErrNotConnected], [ErrDraining], [ErrClosed] or ctx's error.
func (c *Client) Call(ctx context.Context, name string, req any, resp any) error {
	m := methodNamed(name)
	switch {
	case m == nil:
		m = &method{name: name}
	case m.session:
		return &callError{method: name, err: errors.New("the session's own method: see Subscribe and Unsubscribe"), safe: true}
	}
	if name == "" {
		return &callError{method: "call", err: errors.New("no method named"), safe: true}
	}
	var encode encoder
	if req != nil {
		encode = func(dst []byte) ([]byte, error) { return codec.AppendAny(dst, req) }
	}
	if c.cfg.calls != nil {
		data, err := intercepted(ctx, c, newCall, m, visible{value: req, encode: encode}, scanRaw)
		return unmarshal(m, data, err, resp)
	}
	x := c.exchanges.get()
	data, err := c.do(ctx, newCall, m, x, encode)
	err = unmarshal(m, data, err, resp)
	c.exchanges.put(x)
	return err
}

// unmarshal decodes the data of a reply into resp, if there are any.
func unmarshal(m *method, data []byte, err error, resp any) error {
	if err == nil && resp != nil && !isAbsent(data) {
		if err := codec.Unmarshal(data, resp); err != nil {
			return &ReplyError{Method: m.name, Err: err, safe: m.repeatable()}
		}
	}
	return err
}

// encoder appends the data of a request.
type encoder func(dst []byte) ([]byte, error)

// scanned is a pointer to what reads itself.
type scanned[T any] interface {
	*T
	ScanJSON(s *codec.Scanner)
}

// call makes a call for a generated method. encode encodes the request, which is copied for
// interceptors only, so that it needs no memory of its own without them. A nil encode sends no
// data.
func call[T any, P scanned[T], R any, Q encodable[R]](ctx context.Context, c *Client, m *method, encode encoder, r R) (*T, error) {
	if c.cfg.calls != nil {
		return intercepted(ctx, c, newCall, m, copied[R, Q](r), scanNew[T, P])
	}
	return callAs(ctx, c, newCall, m, encode, scanNew[T, P])
}

func scanNew[T any, P scanned[T]](s *codec.Scanner) *T {
	v := new(T)
	P(v).ScanJSON(s)
	return v
}

// callFor is call for results that do not read themselves.
func callFor[T, R any, Q encodable[R]](ctx context.Context, c *Client, m *method, encode encoder, r R, scan func(*codec.Scanner, *T)) (T, error) {
	scanned := func(s *codec.Scanner) (v T) {
		scan(s, &v)
		return v
	}
	if c.cfg.calls != nil {
		return intercepted(ctx, c, newCall, m, copied[R, Q](r), scanned)
	}
	return callAs(ctx, c, newCall, m, encode, scanned)
}

// callAs is call for a given kind of waiter.
func callAs[T any](ctx context.Context, c *Client, w waiter, m *method, encode encoder, scan func(*codec.Scanner) T) (v T, err error) {
	x := c.exchanges.get()
	data, err := c.do(ctx, w, m, x, encode)
	return decoded(c, m, x, data, err, scan)
}

// decoded returns the result of a call that has ended, and puts its exchange back.
func decoded[T any](c *Client, m *method, x *exchange, data []byte, err error, scan func(*codec.Scanner) T) (v T, _ error) {
	if err == nil {
		if v, err = result(&x.scanner, data, scan); err != nil {
			err = &ReplyError{Method: m.name, Err: err, safe: m.repeatable()}
		}
	}
	c.exchanges.put(x)
	return v, err
}

// result reads the data of a reply.
func result[T any](s *codec.Scanner, data []byte, scan func(*codec.Scanner) T) (v T, err error) {
	if isAbsent(data) {
		if reflect.TypeFor[T]().Kind() != reflect.Slice {
			err = errors.New("no data")
		}
		return v, err
	}
	s.Reset(data)
	v = scan(s)
	if err = s.End(); err == nil {
		err = checkReceipt(v)
	}
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// foreignOption is the error of a call with an option that another package made by embedding one.
func foreignOption(m *method) error {
	return &callError{method: m.name, err: errors.New("an option that is not one of this package's"), safe: true}
}

// discard drops the result of a method whose reply has no data.
func discard[T any](_ T, err error) error { return err }

// orNull replaces nil with the JSON null, for members where null and absent differ.
func orNull(v any) any {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}

func isAbsent(data []byte) bool {
	data = bytes.TrimSpace(data)
	return len(data) == 0 || string(data) == "null"
}

// do makes a call by an exchange and returns the data of its reply, which are valid until the
// exchange is put back.
func (c *Client) do(ctx context.Context, w waiter, m *method, x *exchange, encode encoder) ([]byte, error) {
	if err := c.inFlight.enter(w); err != nil {
		return nil, c.refused(m, err)
	}
	defer c.inFlight.leave()
	return c.make(ctx, w, m, x, encode)
}

// make is do for a call that is counted already.
func (c *Client) make(ctx context.Context, w waiter, m *method, x *exchange, encode encoder) ([]byte, error) {
	at := admission{as: w}
	defer c.inFlight.release(&at)
	return c.makeAs(ctx, &at, m, x, encode)
}

// makeAs is make for a call that may have been admitted already.
func (c *Client) makeAs(ctx context.Context, at *admission, m *method, x *exchange, encode encoder) ([]byte, error) {
	x.attempts, x.session = 0, 0
	if err := x.prepare(m, encode); err != nil {
		return nil, err
	}
	return c.carry(ctx, at, m, x)
}

// carry makes a call that has been let in: it repeats the call where that is allowed.
func (c *Client) carry(ctx context.Context, at *admission, m *method, x *exchange) ([]byte, error) {
	caller := ctx
	if at.as == newCall && !m.blocking {
		limited, cancel := c.cfg.limited(ctx)
		defer cancel()
		ctx = limited
	}
	strikes := 0
	for retries := 0; ; retries++ {
		o, err := c.try(ctx, at, m, x)
		if err != nil {
			return nil, unsent(caller, m, err)
		}
		if strikes += o.strikes; o.written {
			x.attempts++
		}
		if !o.lost || !m.repeatable() || retries == maxRetries || strikes >= maxStrikes {
			o.timedOut = o.err != nil && timedOut(caller, ctx)
			return o.data, o.verdict(m)
		}
		c.counters.retries.Add(1)
	}
}

// prepare has the data of the request appended to the exchange's buffer.
func (x *exchange) prepare(m *method, encode encoder) (err error) {
	if encode == nil {
		x.request = x.request[:0]
		return nil
	}
	if x.request, err = encode(x.request[:0]); err != nil {
		return &callError{method: m.name, err: fmt.Errorf("encode the request: %w", err), safe: true}
	}
	if !utf8.Valid(x.request) {
		// A raw message or a marshaler brought it. In a text message it is a breach that a peer
		// ends the session for.
		return &callError{method: m.name, err: errors.New("encode the request: not UTF-8"), safe: true}
	}
	return nil
}

// try takes a call to its outcome on one session, going on to the next as long as it is unwritten.
// An error means that it never was.
func (c *Client) try(ctx context.Context, at *admission, m *method, x *exchange) (outcome, error) {
	for {
		if err := ended(ctx); err != nil {
			return outcome{}, err
		}
		var o outcome
		if m.blocking {
			l, err := c.lanes.acquire(ctx, at)
			if err != nil {
				return outcome{}, err
			}
			if at.begin != nil {
				err = at.begin(ctx)
			}
			if err != nil {
				c.lanes.release(l, outcome{err: err})
				return outcome{}, err
			}
			x.session = l.number
			o = l.roundTrip(ctx, m, x)
			c.lanes.release(l, o)
			if o.lost {
				at.fail(ctx, o.err)
			}
		} else {
			s, err := c.status.waitReady(ctx, c.cfg, at.as)
			if err != nil {
				return outcome{}, err
			}
			if at.as == batchCall {
				err = c.awaitPlace(ctx, at)
			} else {
				err = c.inFlight.admit(at)
			}
			if err != nil {
				return outcome{}, err
			}
			x.session = s.number
			o = s.roundTrip(ctx, m, x)
		}
		if o.lost && !o.written {
			if c.ctx.Err() == nil {
				continue
			}
			return outcome{}, c.status.callError()
		}
		return o, nil
	}
}

// verdict turns an outcome into a call's error.
func (o *outcome) verdict(m *method) error {
	switch {
	case o.refusal != nil:
		e := &Error{Code: Code(o.refusal.Code), Message: o.refusal.Message, Details: o.refusal.Details, Method: m.name}
		e.safe = isDefinite(e.Code) || m.repeatable()
		return e
	case o.garbled != nil:
		return &ReplyError{Method: m.name, Err: o.garbled, safe: m.repeatable()}
	case o.err == nil:
		return nil
	case o.written && !m.repeatable():
		return &OutcomeUnknownError{Method: m.name, Err: o.err}
	}
	passing := (o.lost || o.timedOut) && mayPass(o.err)
	return &callError{method: m.name, err: o.err, safe: true, passing: passing}
}

// refused is the error of a call that was not begun.
func (c *Client) refused(m *method, err error) error {
	if c.ctx.Err() != nil {
		err = c.status.callError()
	}
	return &callError{method: m.name, err: err, safe: true}
}
