package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// This file has the type of the protocol's error codes and of their sentinels.

// Code is an error code of the protocol, such as [CodeNotFound]: why a server refused a request.
// Servers may send codes that have no constant here. A WebSocket close code is another number: see
// [CloseError].
type Code int

// CodeOf returns the code with which a server refused a request: that of the first [*Error] in
// err's tree. It reports false if there is none, such as for nil, for an [*OutcomeUnknownError] and
// for the HTTP status of a [*StatusError]. To compare with a single code, [errors.Is] with its
// sentinel, such as [ErrNotFound], is shorter.
func CodeOf(err error) (Code, bool) {
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.Code, true
	}
	return 0, false
}

// codeError is the type of the sentinels, one for each of the protocol's error codes.
type codeError Code

func (e codeError) Error() string {
	if text := http.StatusText(int(e)); text != "" {
		return "dispatch: " + strings.ToLower(text)
	}
	return fmt.Sprintf("dispatch: code %d", int(e))
}
