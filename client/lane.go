package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// laneIdle is how long an idle lane is kept.
const laneIdle = 30 * time.Second

// lanes is a pool of sessions for methods that block their connection, so that other calls go on
// meanwhile. A lane carries one call at a time, is reused, and is closed when idle. A new lane is
// dialled by the goroutine of the call that needs it, and only while the client is ready. A lane
// that fails ends only its own call.
type lanes struct {
	c *Client
	// holds a token for each lane in use; its capacity is the limit
	taken chan struct{}

	failureLog failureLog
	waiting    atomic.Int64 // calls that wait because all lanes are in use

	mu      sync.Mutex
	idle    []*lane
	all     map[*session]struct{}
	failure error // of the latest attempt to dial; nil if it succeeded
	retired int   // how often retire was called
	closed  bool
}

// lane is a session for one call at a time.
type lane struct {
	*session
	retired int       // lanes.retired when it was dialled
	since   time.Time // when it became idle
	expiry  *time.Timer
}

func (p *lanes) init(c *Client) {
	p.c = c
	p.taken = make(chan struct{}, c.cfg.lanes)
	p.all = make(map[*session]struct{})
}

// acquire returns a lane for one call. It waits until one is free and the client is ready, or ctx
// ends.
func (p *lanes) acquire(ctx context.Context, at *admission) (*lane, error) {
	if err := p.admit(ctx, at); err != nil {
		return nil, err
	}
	at.taken = false // release does it
	l, err := p.obtain(ctx, at)
	if err != nil {
		<-p.taken
		return nil, err
	}
	l.busy.Store(true)
	at.stopWaiting()
	return l, nil
}

// claim takes a lane for a call, or its place among the calls that wait, without blocking. It fails
// if too many wait. unclaim gives back what acquire has not used.
func (p *lanes) claim(at *admission) error {
	select {
	case p.taken <- struct{}{}:
		at.taken = true
		if p.c.status.isReady() {
			return nil
		}
	default:
	}
	leave, err := p.c.status.queue()
	if err != nil {
		p.unclaim(at)
		return err
	}
	at.as, at.leave = admittedCall, leave // it counts already
	return nil
}

func (p *lanes) unclaim(at *admission) {
	at.stopWaiting()
	if at.taken {
		at.taken = false
		<-p.taken
	}
}

// stopWaiting ends what claim counts as waiting.
func (at *admission) stopWaiting() {
	if at.leave != nil {
		at.leave()
		at.leave = nil
	}
}

// admit waits until the number of lanes in use is below the limit.
func (p *lanes) admit(ctx context.Context, at *admission) error {
	if at.taken {
		return nil
	}
	select {
	case p.taken <- struct{}{}:
		return nil
	default:
	}
	if at.as == newCall {
		leave, err := p.c.status.queue()
		if err != nil {
			return err
		}
		defer leave()
	}
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	select {
	case p.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return waited(ctx, fmt.Sprintf("a lane (all %d are taken, see WithLanes)", cap(p.taken)), p.trouble())
	case <-p.c.ctx.Done():
		return p.c.status.callError()
	}
}

// trouble returns why the lanes in use may have no session: the client has none, or the latest
// attempt to dial a lane failed. It is nil otherwise.
func (p *lanes) trouble() error {
	if why := p.c.status.why(); why != nil {
		return why
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failure
}

// obtain returns an idle lane that is alive, or dials one. It tries again with back-off while the
// failure may be temporary, and also backs off after a lane that failed before the call was
// written.
func (p *lanes) obtain(ctx context.Context, at *admission) (*lane, error) {
	for paused := 0; ; {
		s, err := p.c.status.waitReady(ctx, p.c.cfg, at.as)
		if err != nil {
			return nil, err
		}
		at.letIn()
		if l := p.reuse(s.endpoint); l != nil {
			return l, nil
		}
		if paused < at.failures {
			paused = at.failures
			delay, _ := fullJitter(at.failures)
			if err := p.c.pause(ctx, max(delay, askedDelay(at.failure))); err != nil {
				return nil, waitedForLane(ctx, at, err)
			}
			continue
		}
		l, err := p.dial(ctx, s.endpoint)
		if err == nil {
			return l, nil
		}
		if p.c.status.err() != nil {
			return nil, p.c.status.callError()
		}
		at.fail(ctx, err)
		if ctx.Err() != nil || p.c.cfg.failFast || isRefusal(err) || errors.Is(err, ErrProtocolMismatch) {
			return nil, waitedForLane(ctx, at, err)
		}
		p.failureLog.log(p.c.cfg.logger, "dispatch: lane not opened", err, "attempt", at.failures)
	}
}

// waitedForLane returns err, or the error of ctx with the latest failure if ctx has ended.
func waitedForLane(ctx context.Context, at *admission, err error) error {
	if ctx.Err() != nil {
		return waited(ctx, "a lane", at.failure)
	}
	return err
}

// reuse returns an idle lane to an endpoint that is alive, or nil. Lanes to other endpoints expire.
// A lane belongs to the caller once it is off the list: an expiry that has already fired does not
// find it there and does nothing.
func (p *lanes) reuse(e *endpoint) *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, l := range slices.Backward(p.idle) {
		if l.endpoint != e {
			continue
		}
		p.idle = slices.Delete(p.idle, i, i+1)
		l.expiry.Stop()
		if !l.isDead() {
			return l
		}
		delete(p.all, l.session)
	}
	return nil
}

// dial opens a session for a lane. The attempt ends when ctx ends or the client is closed.
func (p *lanes) dial(ctx context.Context, e *endpoint) (*lane, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.c.ctx, cancel)()
	p.mu.Lock()
	retired := p.retired
	p.mu.Unlock()
	s, err := p.c.connect(ctx, e, true)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil || ctx.Err() == nil {
		p.failure = err
	}
	if err != nil {
		return nil, err
	}
	p.failureLog.reset()
	if p.closed {
		s.closeGracefully(ErrClosed)
		return nil, ErrClosed
	}
	p.all[s] = struct{}{}
	return &lane{session: s, retired: retired}, nil
}

// release returns a lane after a call. A lane without a reply is closed, because the server may
// still be executing its call.
func (p *lanes) release(l *lane, o outcome) {
	answered := o.err == nil || !o.written && !o.lost
	p.mu.Lock()
	switch {
	case answered && !p.closed && !l.isDead() && l.retired == p.retired:
		l.busy.Store(false)
		l.since = time.Now()
		l.expiry = time.AfterFunc(laneIdle, func() { p.expire(l) })
		p.idle = append(p.idle, l)
	default:
		delete(p.all, l.session)
		defer l.closeGracefully(errLaneOver)
	}
	p.mu.Unlock()
	<-p.taken
}

var errLaneOver = errors.New("dispatch: lane closed")

// expire closes a lane that has been idle for long enough. A timer of an earlier idle period may
// fire late: by then the lane is in use, or idle again with a timer of its own.
func (p *lanes) expire(l *lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, l)
	if i < 0 || time.Since(l.since) < laneIdle {
		return
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	delete(p.all, l.session)
	l.closeGracefully(errLaneOver)
}

// retire closes the idle lanes, and those in use as soon as their calls have returned.
func (p *lanes) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.idle {
		l.expiry.Stop()
		delete(p.all, l.session)
		l.closeGracefully(errLaneOver)
	}
	p.idle = nil
	p.retired++
}

// close closes all lanes, including those in use.
func (p *lanes) close(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, l := range p.idle {
		l.expiry.Stop()
	}
	for s := range p.all {
		s.closeGracefully(cause)
	}
	p.idle, p.all = nil, nil
}

// pause waits for d. It returns an error if ctx ends or the client is closed first.
func (c *Client) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	case <-c.ctx.Done():
		return c.status.callError()
	}
}
