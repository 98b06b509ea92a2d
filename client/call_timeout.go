package client

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrCallTimeout is why a call ended after the time of [WithCallTimeout]. The call's error also
// matches [context.DeadlineExceeded].
var ErrCallTimeout = errors.New("dispatch: call timeout")

// callTimeoutError is the cause with which the ctx of a call ends after the time of
// WithCallTimeout. Its text is a part of other errors.
type callTimeoutError time.Duration

func (d callTimeoutError) Error() string {
	return fmt.Sprintf("the call took more than %v (see WithCallTimeout)", time.Duration(d))
}

func (d callTimeoutError) Is(target error) bool { return target == ErrCallTimeout }

// limited returns the ctx for a call that a caller makes with a ctx, and a function that is called
// when the call returns.
func (c *config) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.callTimeout == 0 {
		return ctx, noCancel
	}
	if _, ok := ctx.Deadline(); ok {
		return ctx, noCancel
	}
	return context.WithTimeoutCause(ctx, c.callTimeout, callTimeoutError(c.callTimeout))
}

func noCancel() {}

// timedOut reports whether a call ended because of its own ctx, and not because of its caller's.
func timedOut(caller, call context.Context) bool { return call.Err() != nil && caller.Err() == nil }
