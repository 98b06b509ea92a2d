package client

import (
	"slices"
	"time"
)

// pool decides where and when the next attempt to open the main session is made. One goroutine at a
// time uses it: that of DialContext, and then the supervisor.
type pool struct {
	cfg *config
	// the next one first: one that failed, or whose session was lost, goes to the end
	endpoints []*endpoint
	connected bool // there was a session
}

func (p *pool) init(cfg *config) {
	p.cfg = cfg
	p.endpoints = slices.Clone(cfg.endpoints)
}

// next returns the endpoint of the next attempt and the delay before it, and nil if no further
// attempt is to be made. An endpoint without an attempt comes first, then the one that is due
// first. Before there was a session, first attempts have no delay and do not count.
func (p *pool) next() (*endpoint, time.Duration) {
	var best *endpoint
	for _, e := range p.endpoints {
		if !e.over && (best == nil || e.due.Before(best.due)) {
			best = e
		}
	}
	if best == nil {
		return nil, 0
	}
	if best.due.IsZero() {
		best.due = time.Now()
		return best, 0
	}
	best.attempt++
	return best, max(time.Until(best.due), 0)
}

// failed records that an attempt at an endpoint failed, or that a session there was lost.
func (p *pool) failed(e *endpoint, err error) {
	i := slices.Index(p.endpoints, e)
	p.endpoints = append(slices.Delete(p.endpoints, i, i+1), e)
	e.failed(p.cfg, err)
}

// ready records that a session at an endpoint was ready.
func (p *pool) ready(e *endpoint) {
	p.connected = true
	e.err, e.refusals, e.protocolCloses = nil, 0, 0
}

// startAnew forgets the attempts, after a session that was healthy.
func (p *pool) startAnew() {
	for _, e := range p.endpoints {
		e.attempt, e.due, e.over = 0, time.Time{}, false
	}
}

// failure returns why the attempts failed.
func (p *pool) failure() error { return p.endpoints[0].err }
