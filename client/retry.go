// This file decides whether a failed call can be repeated.

package client

import (
	"context"
	"errors"
	"net/http"
	"slices"
)

// SafeToRetry reports whether the call that failed with err can be repeated without the risk that
// the server does the work twice: no byte of it was written, its method is safe or idempotent, or
// the server refused it with 400, 401, 403, 404 or 405. It does not say that a repetition may
// succeed; see [RetryMayHelp]. It is false for nil, and for errors that are not from a call, a
// subscription or a dial of this package.
func SafeToRetry(err error) bool {
	var f failure
	return errors.As(err, &f) && f.safeToRetry()
}

// RetryMayHelp reports whether the call that failed with err is safe to repeat, as [SafeToRetry]
// says, and may succeed then, because the reason may be temporary. Pause before the next attempt,
// and limit the number of attempts.
//
//	what err is                                                          SafeToRetry  RetryMayHelp
//	not connected: ErrNotConnected, with WithFailFast                    true         true
//	too many calls: ErrTooManyCalls                                      true         true
//	connection lost, safe or idempotent method, no attempts left         true         true
//	ErrCallTimeout: not written, or safe or idempotent method            true         true
//	*Error 429 or 5xx, safe or idempotent method                         true         true
//	DialContext: not reached, *StatusError, *Error, *ProxyError 429, 5xx true         true
//	*Error 400, 401, 403, 404, 405                                       true         false
//	*Error of any other code, safe or idempotent method                  true         false
//	ctx ended before the call was written                                true         false
//	ctx ended, safe or idempotent method                                 true         false
//	ErrClosed, ErrDraining, and nothing was written                      true         false
//	refused credentials, or ErrProtocolMismatch                          true         false
//	a limit: ErrTooLarge, ErrTooDeep, ErrTooManySubscriptions            true         false
//	a request that cannot be encoded                                     true         false
//	*ReplyError, safe or idempotent method                               true         false
//	*Error of a code not named above, or *ReplyError, unsafe method      false        false
//	*OutcomeUnknownError, whatever its reason                            false        false
//	*JobError, of Task.Await; *RunError, of Flow.Wait and FlowRun.Wait   false        false
//	ErrOverflow, ErrConcurrentNext, *DrainError, an option's error, nil  false        false
//
// [Client.AwaitJob] and [Client.AwaitWorkflow] count as safe methods. A ctx that has ended
// outweighs every other reason: with a new ctx, a call that is safe to retry may succeed.
func RetryMayHelp(err error) bool {
	var f failure
	return errors.As(err, &f) && f.safeToRetry() && f.mayPass()
}

// failure is an error that says whether its call can be repeated.
type failure interface {
	error
	safeToRetry() bool // the server did nothing, or a second execution does no harm
	mayPass() bool     // the reason may be temporary
}

func (e *Error) safeToRetry() bool { return e.safe }
func (e *Error) mayPass() bool     { return isPassing(int(e.Code)) }

func (e *OutcomeUnknownError) safeToRetry() bool { return false }
func (e *OutcomeUnknownError) mayPass() bool     { return false }

func (e *RunMismatchError) safeToRetry() bool { return false }
func (e *RunMismatchError) mayPass() bool     { return false }

func (e *ReplyError) safeToRetry() bool { return e.safe }
func (e *ReplyError) mayPass() bool     { return false } // the peers do not understand each other

func (e *callError) safeToRetry() bool { return e.safe }
func (e *callError) mayPass() bool     { return e.passing }

// dialError is the failure of the first attempt to connect. Its text is that of its reason.
type dialError struct {
	err     error
	passing bool
}

func (e *dialError) Error() string     { return e.err.Error() }
func (e *dialError) Unwrap() error     { return e.err }
func (e *dialError) safeToRetry() bool { return true }
func (e *dialError) mayPass() bool     { return e.passing }

// failedDial returns the error of a first attempt that ran within ctx.
func failedDial(ctx context.Context, err error) error {
	return &dialError{err: err, passing: ctx.Err() == nil && mayPass(err)}
}

// unsent returns the error of a call that was not written. ctx is the caller's: its end is not a
// temporary reason, unlike the end of an attempt to connect.
func unsent(ctx context.Context, m *method, err error) error {
	return &callError{method: m.name, err: err, safe: true, passing: ctx.Err() == nil && mayPass(err)}
}

// mayPass reports whether the reason for which a call was not written, or was lost, may be
// temporary. The reason must be the runtime's own error: the error of a user's encoder may wrap
// anything.
func mayPass(err error) bool {
	var refused *Error
	var status *StatusError
	var limit *LimitError
	if each, ok := errors.AsType[*endpointsError](err); ok {
		return slices.ContainsFunc(each.all, mayPass)
	}
	var proxy *ProxyError
	switch {
	case errors.As(err, &proxy):
		return proxy.Status == 0 && !errors.Is(err, errProxyURL) || isPassing(proxy.Status)
	case errors.Is(err, ErrClosed), errors.Is(err, ErrDraining), errors.Is(err, ErrProtocolMismatch), isRefusal(err):
		return false
	case errors.As(err, &refused):
		return isPassing(int(refused.Code))
	case errors.As(err, &status):
		return isPassing(status.Status)
	case errors.As(err, &limit):
		return errors.Is(err, ErrTooManyCalls)
	}
	return true
}

// isPassing reports whether a server that answers with this code, of DWP or HTTP, may answer
// differently later.
func isPassing(code int) bool {
	return code == http.StatusTooManyRequests || code >= 500 && code < 600
}

// isDefinite reports whether a server that answers with this code has done nothing, and would
// answer a repetition in the same way.
func isDefinite(code Code) bool {
	switch code {
	case CodeBadRequest, CodeUnauthorized, CodeForbidden, CodeNotFound, CodeMethodNotFound:
		return true
	default:
		return false
	}
}
