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
// meanwhile. A lane carries one call at a time. It is dialled on demand, while the client is ready, by the goroutine of the call that
// wants it; it is reused, closed when idle, and when it dies it ends only its own call.
type lanes struct {
	c     *Client
	taken chan struct{} // holds a token for each lane that is taken; as many fit as there may be lanes

	complaints complaints

	mu     sync.Mutex
	idle   []*lane
	all    map[*session]struct{}
	closed bool
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

// take returns a lane for one call, waiting while all are taken and while the client is not ready, until ctx ends.
func (p *lanes) take(ctx context.Context, at *passage) (*lane, error) {
	if err := p.admit(ctx, at); err != nil {
		return nil, err
	}
	l, err := p.open(ctx, at)
	if err != nil {
		<-p.taken
		return nil, err
	}
	l.busy.Store(true)
	return l, nil
}

// admit waits until a lane may be taken.
func (p *lanes) admit(ctx context.Context, at *passage) error {
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
		return waited(ctx, "a lane", fmt.Errorf("all %d are taken (see WithLanes)", cap(p.taken)))
	case <-p.c.life.Done():
		return p.c.status.callError()
	}
}

// open returns an idle lane that is alive, or dials one, again and again as long as the failure may pass.
func (p *lanes) open(ctx context.Context, at *passage) (*lane, error) {
	var last error // of an attempt that ctx has not ended, if there is one
	for attempt := 1; ; attempt++ {
		if _, err := p.c.status.await(ctx, p.c.cfg, at.as); err != nil {
			return nil, err
		}
		at.letIn()
		if l := p.reuse(); l != nil {
			return l, nil
		}
		l, err := p.dial(ctx)
		if err == nil {
			return l, nil
		}
		if cause := p.c.status.err(); cause != nil {
			return nil, p.c.status.callError()
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if ctx.Err() != nil {
			return nil, waited(ctx, "a lane", last)
		}
		if p.c.cfg.failFast || isRefusal(err) || errors.Is(err, ErrMismatch) {
			return nil, err
		}
		p.complaints.log(p.c.cfg.logger, "dispatch: lane not opened", err, "attempt", attempt)
		delay, _ := fullJitter(attempt)
		if err := p.c.pause(ctx, max(delay, askedDelay(err))); err != nil {
			if ctx.Err() != nil {
				err = waited(ctx, "a lane", last)
			}
			return nil, err
		}
	}
}

// reuse returns an idle lane that is alive, nil if there is none. The list of idle lanes decides, not their timers: an expiry
// that has fired already finds the lane gone from the list.
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
	defer context.AfterFunc(p.c.life, cancel)()
	s, err := p.c.connect(ctx, true)
	if err != nil {
		return nil, err
	}
	p.complaints.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		s.goodbye(ErrClosed)
		return nil, ErrClosed
	}
	s.ready.Store(true)
	p.all[s] = struct{}{}
	return &lane{session: s}, nil
}

// give returns a lane after a call. One that may still be at work on its call is of no more use.
func (p *lanes) give(l *lane, o outcome) {
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
		defer l.goodbye(errLaneOver)
	}
	p.mu.Unlock()
	<-p.taken
}

var errLaneOver = errors.New("dispatch: lane closed")

// expire closes a lane that has been idle for long enough. It may come late, from an idle time before a call: then the
// lane is busy, or idle anew with a timer of its own.
func (p *lanes) expire(l *lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.idle, l)
	if i < 0 || time.Since(l.since) < laneIdle {
		return
	}
	p.idle = slices.Delete(p.idle, i, i+1)
	delete(p.all, l.session)
	l.goodbye(errLaneOver)
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
		s.goodbye(cause)
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
	case <-c.life.Done():
		return c.status.callError()
	}
}
