package client

import (
	"context"
	"errors"
	"fmt"
)

// ended is why a ctx has ended: its error and, if another was given, its cause. It is nil while the
// ctx has not ended.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	// not ==: a ctx of another kind may have an error that cannot be compared
	if err == nil || cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// waitError is the end of a wait for something, by the waiter's ctx. It wraps what ended the ctx
// and, where it is known, why the wait was not over before.
type waitError struct {
	what  string // was waited for
	ended error
	why   error // nil if it is not known
}

// waited is the error of a wait that ctx has ended.
func waited(ctx context.Context, what string, why error) error {
	return &waitError{what: what, ended: ended(ctx), why: why}
}

func (e *waitError) Error() string {
	text := e.ended.Error() + " while waiting for " + e.what
	if e.why != nil {
		text += ": " + strip(e.why)
	}
	return text
}

func (e *waitError) Unwrap() []error {
	if e.why == nil {
		return []error{e.ended}
	}
	return []error{e.ended, &obstacle{e.why}}
}

// obstacle is why a wait was not over before. It says nothing about the call that waited: a server
// that refuses connections with 404 has not said that there is no such job, an attempt that timed
// out is not the caller's deadline, and the message that was too large was another one. So it
// matches neither codes nor limits nor ends of contexts, and is no *Error and no *LimitError.
type obstacle struct{ error }

func (o *obstacle) Is(target error) bool {
	switch target {
	case context.Canceled, context.DeadlineExceeded, ErrTooManyCalls, ErrTooLarge, ErrTooDeep, ErrTooManySubscriptions:
		return false
	}
	if _, ok := target.(codeError); ok {
		return false
	}
	return errors.Is(o.error, target)
}

func (o *obstacle) As(target any) bool {
	switch target.(type) {
	case **Error, **LimitError:
		return false
	}
	return errors.As(o.error, target)
}
