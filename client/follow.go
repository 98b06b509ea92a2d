// This file is when the record of a job or a run is read by those who follow it: Watch, AwaitJob
// and AwaitWorkflow.

package client

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// followEvery is how often a record is read again without a reason, give or take a fifth: a
	// cancelled job sends no event, and a server may lose one. It is also the longest pause between
	// reads that have a reason.
	followEvery = 15 * time.Second
	// readPatience is how long a read may take before it is made again. It doubles with each read
	// that gets no answer, up to readPatienceMost: a slow link may need longer for a large record.
	readPatience     = 15 * time.Second
	readPatienceMost = 4 * time.Minute
	// readSpacing is the shortest time between a read and the next one that a gap causes.
	readSpacing = time.Second
	// settlePause is how soon a record is read again whose end event came before its final state.
	// It doubles with each read.
	settlePause = 50 * time.Millisecond
	// settleTime is how long after the end event a state that this build does not know is taken for
	// a passing one.
	settleTime = time.Second
	// maxBreaches is how many reads in a row may end with a breach of the protocol.
	maxBreaches = 3
)

// progress is what a record's state says about its end.
type progress uint8

const (
	unfinished progress = iota
	finished
	// This build does not know the state, and the record does not say that it is completed.
	unrecognized
)

// entity is a job or a run to be followed.
type entity[T any] struct {
	name     string // of what follows it, for errors
	channel  string
	get      func(context.Context) (T, error)
	progress func(T) progress
	state    func(T) string // for errors
}

// follower reads an entity's record when it may have changed: every 15 s, at an end event, after a
// gap, and more slowly each time while the end event has not reached the record or reads fail. It
// is used by one goroutine.
type follower[T any] struct {
	entity[T]
	c   *Client
	sub *Subscription // nil if the server allows none

	record    T
	known     bool // there is a record
	final     bool
	due       time.Time // of the next read
	last      time.Time // when the latest read ended; zero before the first
	pause     time.Duration
	patience  time.Duration
	ended     time.Time // when the end event came
	breaches  int
	confirmed <-chan struct{} // sub's; nil once it has caused a read
}

func newFollower[T any](c *Client, e entity[T]) *follower[T] {
	return &follower[T]{entity: e, c: c, patience: readPatience}
}

// read reads the record. Its error says that reading again would be of no use, or is that of the
// first read. Any other failure only says when the next read is due.
func (f *follower[T]) read(ctx context.Context) error {
	first, begin := f.last.IsZero(), time.Now()
	short, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	record, err := f.get(short)
	f.last = time.Now()
	var breach *ProtocolError
	switch {
	case err == nil:
		f.take(record, f.last.Sub(begin))
		return nil
	case isLasting(err):
		return f.named(err)
	case ctx.Err() != nil:
		return f.interrupted(ctx)
	case short.Err() != nil:
		f.patience = min(2*f.patience, readPatienceMost)
	case first:
		return f.named(err)
	case errors.As(err, &breach):
		if f.breaches++; f.breaches == maxBreaches {
			return f.named(err)
		}
	}
	f.delay(readSpacing)
	return nil
}

// first reads the record until there is one.
func (f *follower[T]) first(ctx context.Context) error {
	err := f.read(ctx)
	for err == nil && !f.known {
		if err = f.wait(ctx); err == nil {
			err = f.read(ctx)
		}
	}
	return err
}

// take keeps a record that was read in this time.
func (f *follower[T]) take(record T, took time.Duration) {
	f.record, f.known, f.breaches = record, true, 0
	f.patience = min(max(2*took, readPatience), readPatienceMost)
	switch p := f.progress(record); {
	case p == finished, p == unrecognized && !f.ended.IsZero() && f.last.Sub(f.ended) >= settleTime:
		f.final = true
	case !f.ended.IsZero():
		f.delay(settlePause)
	default:
		f.pause, f.due = 0, f.last.Add(jittered(followEvery))
	}
}

// delay makes the next read due after a pause, twice the one before.
func (f *follower[T]) delay(least time.Duration) {
	f.pause = min(max(2*f.pause, least), followEvery)
	f.due = f.last.Add(jittered(f.pause))
}

// hasten makes the next read due no later than that.
func (f *follower[T]) hasten(at time.Time) {
	if at.Before(f.due) {
		f.due = at
	}
}

// attach lets a subscription to the entity's channel cause reads; nil for none.
func (f *follower[T]) attach(sub *Subscription) {
	f.sub, f.confirmed = sub, nil
	if sub != nil {
		f.confirmed = sub.confirmed
	}
}

var errUnsubscribed = errors.New("dispatch: subscription over")

// wait waits until the next read is due. It returns errUnsubscribed when the subscription has
// ended, and otherwise the error of the follower's end.
func (f *follower[T]) wait(ctx context.Context) error {
	var over, gapped, unsubscribed <-chan struct{}
	if f.sub != nil {
		over, gapped, unsubscribed = f.sub.over, f.sub.gapped, f.sub.ended
	}
	for {
		timer := time.NewTimer(time.Until(f.due))
		select {
		case <-timer.C:
			return nil
		case <-f.confirmed: // what happened before it was, no event tells
			f.confirmed = nil
			f.hasten(time.Now())
		case <-over:
			if f.ended.IsZero() {
				f.ended = time.Now()
				f.hasten(f.ended)
			}
			f.hasten(f.last.Add(readSpacing))
		case <-gapped:
			f.hasten(f.last.Add(readSpacing))
		case <-unsubscribed:
			timer.Stop()
			return errUnsubscribed
		case <-ctx.Done():
			timer.Stop()
			return f.interrupted(ctx)
		case <-f.c.ctx.Done():
			timer.Stop()
			return f.failed(f.c.status.callError())
		}
		timer.Stop()
	}
}

// interrupted is the error of a follower whose caller's ctx has ended: with the last state that is
// known, and why there is no session.
func (f *follower[T]) interrupted(ctx context.Context) error {
	why := f.c.status.why()
	if !f.known {
		return f.failed(waited(ctx, "its record", why))
	}
	what := fmt.Sprintf("its end (last known state: %s)", f.state(f.record))
	return f.failed(waited(ctx, what, why))
}

func (f *follower[T]) failed(err error) error {
	return &callError{method: f.name, err: err, safe: true}
}

// named puts the follower's name into the error of a read, unless it is the server's word.
func (f *follower[T]) named(err error) error {
	var call *callError
	if !errors.As(err, &call) {
		return err
	}
	named := *call
	named.method = f.name
	return &named
}

// isLasting reports whether a record that could not be read will not be readable later: the server
// says that it is not there or not for us, the record is beyond the client's limits, or the client
// has come to an end.
func isLasting(err error) bool {
	var refused *Error
	var limit *LimitError
	switch {
	case errors.Is(err, ErrClosed), errors.Is(err, ErrDraining):
		return true
	case errors.As(err, &refused):
		return isDefinite(refused.Code)
	case errors.As(err, &limit):
		return !errors.Is(err, ErrTooManyCalls)
	}
	return false
}
