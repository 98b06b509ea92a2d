package client

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// leastShare is the least time that DialContext gives an attempt while other endpoints wait.
const leastShare = 2 * time.Second

// errShare is why an attempt of DialContext ends before its ctx.
var errShare = errors.New("the attempt's share of the time for all endpoints is over")

// pool decides where and when the next attempt to open the main session is made. One goroutine at a
// time uses it: that of DialContext, and then the supervisor.
//
// An endpoint that failed, or whose session was lost, goes to the end of the list and has its own
// back-off. One that refuses the credentials, or speaks something else, is left out until a session
// elsewhere was healthy. If all are left out, the client gives up.
type pool struct {
	cfg       *config
	endpoints []*endpoint // the next one first
	connected bool        // there was a session
}

func (p *pool) init(cfg *config) {
	p.cfg = cfg
	p.endpoints = slices.Clone(cfg.endpoints)
}

// next returns the endpoint of the next attempt and the delay before it, and nil if no further
// attempt is to be made. An endpoint without an attempt comes first, then the one that is due
// first. Before there was a session, first attempts have no delay and do not count.
func (p *pool) next() (*endpoint, time.Duration) {
	for {
		var best *endpoint
		for _, e := range p.endpoints {
			if !e.over && (best == nil || e.due.Before(best.due)) {
				best = e
			}
		}
		switch {
		case best == nil:
			return nil, 0
		case best.due.IsZero() && !p.connected:
			best.due = time.Now()
			return best, 0
		case best.due.IsZero():
			if best.schedule(p.cfg, 0); best.over {
				continue
			}
		}
		best.attempt++
		return best, max(time.Until(best.due), 0)
	}
}

// failed records that an attempt at an endpoint failed, or that a session there was lost. It
// returns the error with the endpoint's name, if there are several.
func (p *pool) failed(e *endpoint, err error) error {
	i := slices.Index(p.endpoints, e)
	p.endpoints = append(slices.Delete(p.endpoints, i, i+1), e)
	if len(p.endpoints) > 1 {
		err = &endpointError{e.name, err}
	}
	e.failed(p.cfg, err)
	return err
}

// ready records that a session at an endpoint was ready.
func (p *pool) ready(e *endpoint) {
	p.connected = true
	e.err, e.refusals, e.protocolCloses = nil, 0, 0
}

// startAnew forgets the attempts, after a session that was healthy.
func (p *pool) startAnew() {
	for _, e := range p.endpoints {
		e.attempt, e.due, e.over, e.err, e.refusals, e.protocolCloses = 0, time.Time{}, false, nil, 0, 0
	}
}

// failure returns why the attempts failed.
func (p *pool) failure() error {
	var all []error
	for _, e := range p.endpoints {
		if e.err != nil {
			all = append(all, e.err)
		}
	}
	switch len(all) {
	case 0:
		return errNoAttempts
	case 1:
		return all[0]
	}
	return &endpointsError{all}
}

// errNoAttempts is why a client gives up whose back-off function allows no attempt.
var errNoAttempts = errors.New("dispatch: no attempts")

// share returns a ctx for one attempt of DialContext. It leaves time for the other endpoints.
func (p *pool) share(ctx context.Context) (context.Context, context.CancelFunc) {
	others := 0
	for _, e := range p.endpoints {
		if !e.over && (p.cfg.retryDial || e.due.IsZero()) {
			others++
		}
	}
	if p.cfg.retryDial {
		others-- // the one of this attempt
	}
	deadline, ok := ctx.Deadline()
	if !ok || others == 0 {
		return ctx, func() {}
	}
	share := max(time.Until(deadline)/time.Duration(others+1), leastShare)
	return context.WithTimeoutCause(ctx, share, errShare)
}

// endpointError is an error with the name of the endpoint that it is about.
type endpointError struct {
	name string
	err  error
}

func (e *endpointError) Error() string { return "dispatch: " + e.name + ": " + strip(e.err) }
func (e *endpointError) Unwrap() error { return e.err }

// endpointErrors is why no endpoint could be used.
type endpointsError struct{ all []error }

func (e *endpointsError) Error() string {
	texts := make([]string, len(e.all))
	for i, err := range e.all {
		texts[i] = strip(err)
	}
	return "dispatch: no endpoint left: " + strings.Join(texts, "; ")
}

func (e *endpointsError) Unwrap() []error { return e.all }
