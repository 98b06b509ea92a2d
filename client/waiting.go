package client

import (
	"context"
	"fmt"
)

// ended is why a ctx has ended: its error and, if another was given, its cause. It is nil while the ctx has not ended.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil || cause == err {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// waitError is the end of a wait for something, by the waiter's ctx. It wraps what ended the ctx and, where it is known, why
// the wait was not over before.
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
	return []error{e.ended, e.why}
}
