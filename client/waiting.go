package client

import (
	"context"
	"errors"
	"fmt"
)

// ended returns why a ctx has ended: its error, joined with its cause if that differs. It returns
// nil while the ctx has not ended.
func ended(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	cause := context.Cause(ctx)
	// not ==: a ctx of another implementation may have an error that is not comparable
	if cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// waitError is the error of a wait that ctx ended. It wraps the error of ctx and, if known, the
// reason for the wait.
type waitError struct {
	what  string // what was waited for
	ended error
	why   error // the reason for the wait; nil if unknown
}

// waited returns the error of a wait that ctx ended.
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

// obstacle is the reason why a wait took so long. It says nothing about the call that waited: a
// server that refuses connections with 404 does not say that there is no such job, the timeout of
// an attempt is not the caller's deadline, and a message that was too large was another one. So it
// matches no code, limit or context error, and errors.As finds no *Error and no *LimitError in it.
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
