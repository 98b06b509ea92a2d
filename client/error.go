package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// What calls and subscriptions end with, for [errors.Is].
var (
	// ErrClosed is what everything ends with once the client is closed, by [Client.Close] or for
	// good.
	ErrClosed = errors.New("dispatch: client closed")
	// ErrDraining refuses new calls and subscriptions after [Client.Drain].
	ErrDraining = errors.New("dispatch: client draining")
	// ErrNotConnected is what a call gets instead of waiting, with [WithFailFast].
	ErrNotConnected = errors.New("dispatch: not connected")
	// ErrOverflow ends a subscription whose queue was full, with [OverflowFail].
	ErrOverflow = errors.New("dispatch: subscription queue overflow")
	// ErrTooManyCalls matches the [*LimitError] of a call that too many others were waiting or in
	// flight before.
	ErrTooManyCalls = errors.New("dispatch: too many calls")
	// ErrTooLarge matches the [*LimitError] of a message above the limit: of a request that was not
	// sent, within a [*ReplyError] of a reply that was not taken, and of what ended a session.
	ErrTooLarge = errors.New("dispatch: message too large")
	// ErrTooDeep matches the [*LimitError] of a message that is nested deeper than the limit.
	ErrTooDeep = errors.New("dispatch: message nested too deep")
	// ErrTooManySubscriptions matches the [*LimitError] of a subscription above the limit.
	ErrTooManySubscriptions = errors.New("dispatch: too many subscriptions")
	// ErrProtocolMismatch ends a client for good: the server does not speak this protocol, or chose
	// a format that it was not offered.
	ErrProtocolMismatch = errors.New("dispatch: protocol mismatch")
	// ErrPingTimeout ends a session whose peer has sent nothing, or events but no answers, for too
	// long.
	ErrPingTimeout = errors.New("dispatch: connection silent")
	// ErrConcurrentNext refuses a second consumer of a subscription at the same time.
	ErrConcurrentNext = errors.New("dispatch: subscription has a consumer already")
)

// Error is the server's refusal of a request. [errors.Is] matches it with the sentinel of its
// code: [ErrNotFound] and its like. Codes without a sentinel pass through.
type Error struct {
	Code    Code
	Message string
	Details json.RawMessage // nil if there are none
	Method  string

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

// OutcomeUnknownError is what a call of an unsafe method gets that was written and then ended
// without an answer: the server may have done it, once, or not. It unwraps to the reason:
// [ErrClosed], [context.DeadlineExceeded], a lost connection.
type OutcomeUnknownError struct {
	Method string
	Err    error
}

func (e *OutcomeUnknownError) Error() string {
	return fmt.Sprintf("dispatch: %s: outcome unknown: %s", e.Method, strip(e.Err))
}

func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// ReplyError is a reply whose data is not what the method promises, or which was too large to be
// taken (then it matches [ErrTooLarge]). The server has handled the request.
type ReplyError struct {
	Method string
	Err    error

	safe bool
}

func (e *ReplyError) Error() string {
	return fmt.Sprintf("dispatch: %s: unexpected reply: %s", e.Method, strip(e.Err))
}

func (e *ReplyError) Unwrap() error { return e.Err }

// ProtocolError is a peer's breach of WebSocket or of DWP. It ends the session that it happened in.
type ProtocolError struct {
	Reason string
	Err    error // may be nil
}

func (e *ProtocolError) Error() string {
	if e.Err == nil {
		return "dispatch: protocol error: " + e.Reason
	}
	return fmt.Sprintf("dispatch: protocol error: %s: %s", e.Reason, strip(e.Err))
}

func (e *ProtocolError) Unwrap() error { return e.Err }

// CloseError is a server's WebSocket close frame.
type CloseError struct {
	Code   int // 1005 if the frame had none
	Reason string

	wasReady bool // the session that it closed
}

func (e *CloseError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("dispatch: server closed the connection (code %d)", e.Code)
	}
	return fmt.Sprintf("dispatch: server closed the connection: %s (code %d)", e.Reason, e.Code)
}

// Is reports whether target is ErrUnauthorized and the server refused the credentials: with code
// 1008 (policy violation) before the session was ready. On a ready session 1008 has other reasons,
// such as a rate limit.
func (e *CloseError) Is(target error) bool {
	return e.Code == 1008 && !e.wasReady && target == ErrUnauthorized
}

// StatusError is an HTTP status that a server answered the WebSocket upgrade with.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // what a 429 or 503 asked for, 0 if nothing
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("dispatch: upgrade refused: %d %s", e.Status, http.StatusText(e.Status))
}

// Is reports whether target is the sentinel of the status.
func (e *StatusError) Is(target error) bool {
	code, ok := target.(codeError)
	return ok && int(code) == e.Status
}

// LimitError says which of the client's [Limits] something would have exceeded. [errors.Is] matches
// it with [ErrTooManyCalls], [ErrTooLarge], [ErrTooDeep] or [ErrTooManySubscriptions].
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

// callError is the end of a call for a reason that is not the server's, and what that means for
// trying again.
type callError struct {
	method  string
	err     error
	safe    bool
	passing bool
}

func (e *callError) Error() string { return fmt.Sprintf("dispatch: %s: %s", e.method, strip(e.err)) }
func (e *callError) Unwrap() error { return e.err }

// closedError is ErrClosed with the cause that closed the client.
type closedError struct{ cause error }

func (e *closedError) Error() string   { return "dispatch: client closed: " + strip(e.cause) }
func (e *closedError) Unwrap() []error { return []error{ErrClosed, e.cause} }

// strip returns an error's text without the package's prefix, for use within another's.
func strip(err error) string { return strings.TrimPrefix(err.Error(), "dispatch: ") }
