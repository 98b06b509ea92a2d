// This file decides when Watch, AwaitJob and AwaitWorkflow read the record of a job or a run.

package client

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// followEvery is the interval between reads without a reason, give or take a fifth. They are
	// needed because a cancelled job sends no event and a server may lose one. It is also the
	// longest pause between reads that have a reason.
	followEvery = 15 * time.Second
	// readPatience limits a read before it is repeated. It doubles with each read that gets no
	// reply, up to readPatienceMost, because a slow link may need longer for a large record.
	readPatience     = 15 * time.Second
	readPatienceMost = 4 * time.Minute
	// readSpacing is the shortest time between a read and the next one that a gap causes.
	readSpacing = time.Second
	// settlePause is the first pause before the record is read again if the end event arrived
	// before the final state. It doubles with each read.
	settlePause = 50 * time.Millisecond
	// settleTime is how long after the end event a state that this build does not know counts as
	// temporary.
	settleTime = time.Second
	// maxBreaches is how many reads in a row may fail with a *ProtocolError.
	maxBreaches = 3
)

// progress says whether a record is final, judged by its state.
type progress uint8

const (
	unfinished progress = iota
	finished
	// The state is unknown to this build, and the record has no completion time.
	unrecognized
)

// entity describes a job or a run to a follower.
type entity[T any] struct {
	name     string // names the operation in errors
	channel  string
	get      func(context.Context) (T, error)
	progress func(T) progress
	state    func(T) string // for errors
}

// follower reads an entity's record when it may have changed: every 15 s, after an end event and
// after a gap. It backs off while reads fail, or while the record is not final after the end event.
// It is used by one goroutine.
type follower[T any] struct {
	entity[T]
	c   *Client
	sub *Subscription // nil if the server refused it

	record    T
	known     bool // record is set
	final     bool
	due       time.Time // when to read next
	last      time.Time // when the latest read ended; zero before the first
	pause     time.Duration
	patience  time.Duration
	ended     time.Time // when the end event arrived
	breaches  int
	confirmed <-chan struct{} // sub.confirmed; nil once it has caused a read
}

func newFollower[T any](c *Client, e entity[T]) *follower[T] {
	return &follower[T]{entity: e, c: c, patience: readPatience}
}

// read reads the record. It returns an error only if another read is of no use, or if the first
// read failed. After any other failure it only schedules the next read.
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

// first reads the record until it has one.
func (f *follower[T]) first(ctx context.Context) error {
	err := f.read(ctx)
	for err == nil && !f.known {
		if err = f.wait(ctx); err == nil {
			err = f.read(ctx)
		}
	}
	return err
}

// take stores a record and schedules the next read. took is the duration of the read.
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

// delay schedules the next read after a pause that is twice the one before.
func (f *follower[T]) delay(least time.Duration) {
	f.pause = min(max(2*f.pause, least), followEvery)
	f.due = f.last.Add(jittered(f.pause))
}

// hasten moves the next read forward to a time, if it is scheduled later.
func (f *follower[T]) hasten(at time.Time) {
	if at.Before(f.due) {
		f.due = at
	}
}

// attach sets the subscription whose events cause reads; nil removes it.
func (f *follower[T]) attach(sub *Subscription) {
	f.sub, f.confirmed = sub, nil
	if sub != nil {
		f.confirmed = sub.confirmed
	}
}

var errUnsubscribed = errors.New("dispatch: subscription over")

// wait waits until the next read is due. It returns errUnsubscribed if the subscription has ended,
// and an error for the caller if ctx has ended or the client is closed.
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
		case <-f.confirmed: // changes before the confirmation caused no event
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

// interrupted returns the error for a ctx that has ended. It includes the last known state and why
// there is no session.
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

// named puts the operation's name into the error of a read, unless the error is a reply of the
// server.
func (f *follower[T]) named(err error) error {
	var call *callError
	if !errors.As(err, &call) {
		return err
	}
	named := *call
	named.method = f.name
	return &named
}

// isLasting reports whether a failed read cannot succeed later: the server refused it definitely,
// the record exceeds the client's limits, or the client is draining or closed.
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
