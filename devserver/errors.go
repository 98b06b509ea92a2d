package devserver

import (
	"errors"
	"fmt"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// ErrClosed is the error of a server that is closed, for [errors.Is].
var ErrClosed = errors.New("devserver: server closed")

// statusError is an error with a code of the protocol.
type statusError struct {
	code    uint32
	message string
}

func (e *statusError) Error() string { return e.message }

// Errorf returns an error with a code of the protocol, such as [client.CodeNotFound], and a
// formatted message. A method that is served with [Server.HandleRaw] returns it to answer with that
// code; any other error answers with [client.CodeInternal]. The error does not wrap its arguments.
func Errorf(code client.Code, format string, args ...any) error {
	return &statusError{code: uint32(code), message: fmt.Sprintf(format, args...)}
}

// detail returns what an error frame says about err.
func detail(err error) *wire.ErrorDetail {
	if s, ok := errors.AsType[*statusError](err); ok {
		return &wire.ErrorDetail{Code: s.code, Message: err.Error()}
	}
	return &wire.ErrorDetail{Code: uint32(client.CodeInternal), Message: err.Error()}
}
