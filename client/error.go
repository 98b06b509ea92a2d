package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The errors of calls and subscriptions that do not come from the server, for [errors.Is].
var (
	// ErrClosed: the client was closed, by [Client.Close] or [Client.Drain], or because it gave up.
	// In the latter case the error also matches the cause.
	ErrClosed = errors.New("dispatch: client closed")
	// ErrDraining: [Client.Drain] was called, so the client takes no new calls and subscriptions.
	ErrDraining = errors.New("dispatch: client draining")
	// ErrNotConnected: there is no session, and [WithFailFast] is set.
	ErrNotConnected = errors.New("dispatch: not connected")
	// ErrOverflow: the queue of a subscription with [OverflowFail] was full.
	ErrOverflow = errors.New("dispatch: subscription queue overflow")
	// ErrTooManyCalls matches a [*LimitError]: too many other calls wait, or are in flight.
	ErrTooManyCalls = errors.New("dispatch: too many calls")
	// ErrTooLarge matches a [*LimitError]: a request is too large to be sent, a reply was too large
	// to be read (then within a [*ReplyError]), or a message that was too large ended the session.
	ErrTooLarge = errors.New("dispatch: message too large")
	// ErrTooDeep matches a [*LimitError]: a message was nested too deep, and ended the session.
	ErrTooDeep = errors.New("dispatch: message nested too deep")
	// ErrTooManySubscriptions matches a [*LimitError]: there are too many other subscriptions.
	ErrTooManySubscriptions = errors.New("dispatch: too many subscriptions")
	// ErrProtocolMismatch: the server does not speak this protocol, or chose a format that it was
	// not offered. The client does not try again.
	ErrProtocolMismatch = errors.New("dispatch: protocol mismatch")
	// ErrPingTimeout: the peer has sent nothing, or events but no replies, for too long, so the
	// session was ended; see [WithKeepAlive].
	ErrPingTimeout = errors.New("dispatch: connection silent")
	// ErrConcurrentNext: another consumer is reading the subscription.
	ErrConcurrentNext = errors.New("dispatch: subscription has a consumer already")
)

// Error is the server's refusal of a request. [errors.Is] matches it with the sentinel of its code,
// such as [ErrNotFound]; not every code has one. See [CodeOf].
type Error struct {
	Code    Code
	Message string          // for people
	Details json.RawMessage // more about the refusal, as JSON; nil if the server sent none
	Method  string          // the name of the method on the wire, such as job.get

	safe bool
}

func (e *Error) Error() string {
	return fmt.Sprintf("dispatch: %s: %s (code %d)", e.Method, e.Message, e.Code)
}

// Is reports whether target is the sentinel of the error's code.
func (e *Error) Is(target error) bool {
	code, ok := target.(codeError)
	return ok && Code(code) == e.Code
}

// OutcomeUnknownError is the error of a call of an unsafe method that was written and then ended
// without a reply. The server may have done the work, once. It wraps the reason, such as
// [ErrClosed], [context.DeadlineExceeded] or the loss of the connection.
type OutcomeUnknownError struct {
	Method string // its name on the wire
	Err    error  // the reason; never nil
}

func (e *OutcomeUnknownError) Error() string {
	return fmt.Sprintf("dispatch: %s: outcome unknown: %s", e.Method, strip(e.Err))
}

func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// ReplyError is the error of a call whose reply is not what the method promises, or was too large
// to be read; then it matches [ErrTooLarge]. The server has handled the request.
type ReplyError struct {
	Method string // its name on the wire
	Err    error  // what is wrong with the reply; never nil

	safe bool
}

func (e *ReplyError) Error() string {
	return fmt.Sprintf("dispatch: %s: unexpected reply: %s", e.Method, strip(e.Err))
}

func (e *ReplyError) Unwrap() error { return e.Err }

// ProtocolError says how a peer broke the WebSocket or the Dispatch protocol. It ends the session,
// and is the cause of a lost call or a [Transition].
type ProtocolError struct {
	Reason string
	Err    error // more about the reason; nil if there is nothing more
}

func (e *ProtocolError) Error() string {
	if e.Err == nil {
		return "dispatch: protocol error: " + e.Reason
	}
	return fmt.Sprintf("dispatch: protocol error: %s: %s", e.Reason, strip(e.Err))
}

func (e *ProtocolError) Unwrap() error { return e.Err }

// CloseError is a WebSocket close frame of the server. It matches [ErrUnauthorized] if its code is
// 1008 (policy violation) and the session was not ready yet.
type CloseError struct {
	Code   int // a WebSocket close code, and not a [Code]; 1005 if the frame had none
	Reason string

	wasReady bool // the session that it closed
}

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("dispatch: server closed the connection (code %d)", e.Code)
	}
	return fmt.Sprintf("dispatch: server closed the connection: %s (code %d)", e.Reason, e.Code)
}

// Is reports whether target is [ErrUnauthorized] and the server refused the credentials: with code
// 1008 before the session was ready. On a ready session 1008 has other reasons, such as a rate
// limit.
func (e *CloseError) Is(target error) bool {
	return e.Code == 1008 && !e.wasReady && target == ErrUnauthorized
}

// StatusError is the HTTP status with which a server refused the WebSocket upgrade. [errors.Is]
// matches it with the sentinel of the same code, such as [ErrUnauthorized].
type StatusError struct {
	Status     int
	RetryAfter time.Duration // the delay that a 429 or 503 asked for, at most an hour; 0 for none
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("dispatch: upgrade refused: %d %s", e.Status, http.StatusText(e.Status))
}

// Is reports whether target is the sentinel of the status.
func (e *StatusError) Is(target error) bool {
	code, ok := target.(codeError)
	return ok && int(code) == e.Status
}

// LimitError says which of the client's [Limits] was reached. [errors.Is] matches it with
// [ErrTooManyCalls], [ErrTooLarge], [ErrTooDeep] or [ErrTooManySubscriptions].
type LimitError struct {
	Limit string // what is limited: "waiting calls"
	Field string // the field of Limits that sets it: "WaitingCalls"
	Max   int    // its value

	kind error
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("dispatch: limit of %d %s reached (see Limits.%s)", e.Max, e.Limit, e.Field)
}

// Is reports whether target is the limit's sentinel.
func (e *LimitError) Is(target error) bool { return target == e.kind }

// callError is the error of a call for a reason other than the server's refusal, with what that
// means for another attempt.
type callError struct {
	method  string
	err     error
	safe    bool
	passing bool
}

func (e *callError) Error() string { return fmt.Sprintf("dispatch: %s: %s", e.method, strip(e.err)) }
func (e *callError) Unwrap() error { return e.err }

// closedError is ErrClosed with the cause for which the client gave up.
type closedError struct{ cause error }

func (e *closedError) Error() string   { return "dispatch: client closed: " + strip(e.cause) }
func (e *closedError) Unwrap() []error { return []error{ErrClosed, e.cause} }

// strip returns an error's text without the package's prefix, for use within another error's text.
func strip(err error) string { return strings.TrimPrefix(err.Error(), "dispatch: ") }
