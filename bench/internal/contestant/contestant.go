// Package contestant holds the clients that are compared. Each makes the same calls and takes the
// same events, in the way in which its users would write it, and checks that each reply reached its
// caller and that each event came.
package contestant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/xraph/dispatch/bench/internal/load"
	"github.com/xraph/dispatch/bench/internal/work"
)

// Contestant is a client that is connected.
type Contestant interface {
	// Call makes one call, whose reply has to name the caller's queue. It is safe for concurrent
	// use by different callers.
	Call(ctx context.Context, caller int) error
	// Events makes the subscriptions and returns when all of their events have come.
	Events(ctx context.Context) error
	Close() error
}

// windowed is a contestant that keeps a window of requests in flight from one goroutine instead of
// callers.
type windowed interface {
	Window(until time.Time, latencies *load.Latencies) (calls int, err error)
	Paced(until time.Time, latencies *load.Latencies) (calls int, err error)
}

// large is a contestant that can make calls with work.Work.LargeSize bytes of payload.
type large interface {
	Large(ctx context.Context) error
}

// ErrUnsupported is that a contestant cannot do some work.
var ErrUnsupported = errors.New("unsupported")

// Names of contestants that the tables refer to.
const (
	Raw      = "raw socket"
	Dispatch = "dispatch"
	Envelope = "dispatch (envelope)"
	Naive    = "naive"
	Coder    = "coder/websocket"
	NATS     = "nats.go"
	GRPC     = "grpc-go"
)

var connect = map[string]func(ctx context.Context, addr string, w work.Work) (Contestant, error){
	Raw:      connectRaw,
	Dispatch: connectDispatch,
	Envelope: connectEnvelope,
	Naive:    connectNaive,
	Coder:    connectCoder,
	NATS:     connectNATS,
	GRPC:     connectGRPC,
}

// Names returns the names of all contestants.
func Names() []string { return slices.Sorted(maps.Keys(connect)) }

// Server is the server that a contestant needs: stub, nats or grpc.
func Server(name string) string {
	switch name {
	case NATS:
		return "nats"
	case GRPC:
		return "grpc"
	}
	return "stub"
}

// Run connects a contestant to the server at addr and has it do some work. The error matches
// ErrUnsupported if it cannot.
func Run(ctx context.Context, name, addr string, w work.Work) (r work.Result, err error) {
	open := connect[name]
	if open == nil {
		return r, fmt.Errorf("there is no contestant %q, only %q", name, Names())
	}
	ctx, cancel := context.WithCancel(ctx) // a context that can end, as a program's does
	defer cancel()
	c, err := open(ctx, addr, w)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if w.Kind == work.Events {
		return load.Measure(func() (int, error) { return w.Events, c.Events(ctx) })
	}
	return calls(ctx, c, w)
}

func calls(ctx context.Context, c Contestant, w work.Work) (work.Result, error) {
	latencies := new(load.Latencies)
	drive, err := driver(ctx, c, w, latencies)
	if err != nil {
		return work.Result{}, err
	}
	beside, err := begin(ctx, c, w)
	if err != nil {
		return work.Result{}, err
	}
	warm, err := drive(w.Warm)
	if err != nil {
		return work.Result{}, err
	}
	latencies.Reset()
	r, err := load.Measure(func() (int, error) { return drive(w.Duration) })
	r.Total += warm
	q := latencies.Quantiles(0.5, 0.99)
	r.P50, r.P99 = q[0], q[1]
	n, stopped := beside()
	r.Large = n
	return r, errors.Join(err, stopped)
}

// driver returns the function that makes calls for some time.
func driver(ctx context.Context, c Contestant, w work.Work, latencies *load.Latencies) (func(time.Duration) (int, error), error) {
	call := func(caller int) error { return c.Call(ctx, caller) }
	window, isWindow := c.(windowed)
	switch {
	case w.Kind == work.Calls && isWindow:
		return func(d time.Duration) (int, error) { return window.Window(time.Now().Add(d), latencies) }, nil
	case w.Kind == work.Calls:
		return func(d time.Duration) (int, error) {
			return load.Closed(w.Callers, time.Now().Add(d), latencies, call)
		}, nil
	case w.Kind == work.Open && isWindow:
		return func(d time.Duration) (int, error) { return window.Paced(time.Now().Add(d), latencies) }, nil
	case w.Kind == work.Open:
		return func(d time.Duration) (int, error) {
			return load.Open(w.Callers, w.Rate, time.Now().Add(d), latencies, call)
		}, nil
	}
	return nil, fmt.Errorf("%w: the work %q", ErrUnsupported, w.Kind)
}
