package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// laneIdle is how long a lane without a call is kept.
const laneIdle = 30 * time.Second

// lanes are the sessions for methods that block their connection, so that everything else goes on
// meanwhile. A lane carries one call at a time. It is dialled on demand, while the client is ready,
// by the goroutine of the call that wants it; it is reused, closed when idle, and when it dies it
// ends only its own call.
type lanes struct {
	c *Client
	// holds a token for each lane that is taken; as many fit as there may be lanes
	taken chan struct{}

	failureLog failureLog

	mu      sync.Mutex
	idle    []*lane
	all     map[*session]struct{}
	failure error // of the latest attempt at a session; nil if it succeeded
	closed  bool
}

// lane is a session and, while it is idle, since when.
type lane struct {
	*session
	since  time.Time
	expiry *time.Timer
}

func (p *lanes) init(c *Client) {
	p.c = c
	p.taken = make(chan struct{}, c.cfg.lanes)
	p.all = make(map[*session]struct{})
}

// acquire returns a lane for one call, waiting while all are taken and while the client is not
// ready, until ctx ends.
func (p *lanes) acquire(ctx context.Context, at *admission) (*lane, error) {
	if err := p.admit(ctx, at); err != nil {
		return nil, err
	}
	l, err := p.obtain(ctx, at)
	if err != nil {
		<-p.taken
		return nil, err
	}
	l.busy.Store(true)
	return l, nil
}

// admit waits until a lane may be taken.
func (p *lanes) admit(ctx context.Context, at *admission) error {
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
	select {
	case p.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return waited(ctx, fmt.Sprintf("a lane (all %d are taken, see WithLanes)", cap(p.taken)), p.trouble())
	case <-p.c.ctx.Done():
		return p.c.status.callError()
	}
}

// trouble is why lanes that are taken may have no session: there is none at all, or the latest
// attempt at one failed. It is nil if neither is so.
func (p *lanes) trouble() error {
	if why := p.c.status.why(); why != nil {
		return why
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failure
}

// obtain returns an idle lane that is alive, or dials one, again and again as long as the failure
// may pass. It backs off after a failure, also after that of a lane which was opened and broke
// before the call was written.
func (p *lanes) obtain(ctx context.Context, at *admission) (*lane, error) {
	for paused := 0; ; {
		if _, err := p.c.status.waitReady(ctx, p.c.cfg, at.as); err != nil {
			return nil, err
		}
		at.letIn()
		if l := p.reuse(); l != nil {
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
		l, err := p.dial(ctx)
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

// waitedForLane is err, unless ctx has ended: then it is that, with what kept the call from a lane.
func waitedForLane(ctx context.Context, at *admission, err error) error {
	if ctx.Err() != nil {
		return waited(ctx, "a lane", at.failure)
	}
	return err
}

// reuse returns an idle lane that is alive, nil if there is none. The list of idle lanes decides,
// not their timers: an expiry that has fired already finds the lane gone from the list.
func (p *lanes) reuse() *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.idle); n > 0; n = len(p.idle) {
		l := p.idle[n-1]
		p.idle = p.idle[:n-1]
		l.expiry.Stop()
		if !l.isDead() {
			return l
		}
		delete(p.all, l.session)
	}
	return nil
}

// dial opens a session for a lane, in an attempt that ends with ctx or the client.
func (p *lanes) dial(ctx context.Context) (*lane, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.c.ctx, cancel)()
	s, err := p.c.connect(ctx, true)
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
	return &lane{session: s}, nil
}

// release returns a lane after a call. One that may still be at work on its call is of no more use.
func (p *lanes) release(l *lane, o outcome) {
	answered := o.err == nil || !o.written && !o.lost
	p.mu.Lock()
	switch {
	case answered && !p.closed && !l.isDead():
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

// expire closes a lane that has been idle for long enough. It may come late, from an idle time
// before a call: then the lane is busy, or idle anew with a timer of its own.
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

// close ends all lanes, the busy ones too.
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

// pause waits and returns ctx's error if that ends first, or the client's if it closes.
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
