package devserver

import (
	"errors"
	"fmt"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// ErrClosed is what a closed server returns to whoever uses it.
var ErrClosed = errors.New("devserver: server closed")

// statusError is an error that has a code of the protocol.
type statusError struct {
	code    uint32
	message string
}

func (e *statusError) Error() string { return e.message }

// Errorf makes an error that a method served with [Server.HandleRaw] returns in order to
// answer with a code of the protocol, such as [client.CodeNotFound]. Any
// other error answers with [client.CodeInternal].
func Errorf(code int, format string, args ...any) error {
	return &statusError{code: uint32(code), message: fmt.Sprintf(format, args...)}
}

// detail is what an error frame says about err.
func detail(err error) *wire.ErrorDetail {
	if s, ok := errors.AsType[*statusError](err); ok {
		return &wire.ErrorDetail{Code: s.code, Message: err.Error()}
	}
	return &wire.ErrorDetail{Code: client.CodeInternal, Message: err.Error()}
}
