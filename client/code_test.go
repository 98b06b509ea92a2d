package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/xraph/dispatch/client"
)

func TestCodeOf(t *testing.T) {
	t.Parallel()
	refused := &client.Error{Code: client.CodeConflict, Message: "no", Method: client.MethodJobCancel}
	for name, test := range map[string]struct {
		err  error
		code client.Code
		ok   bool
	}{
		"nil":                {nil, 0, false},
		"a refusal":          {refused, client.CodeConflict, true},
		"wrapped":            {fmt.Errorf("cancel: %w", refused), 409, true},
		"joined":             {errors.Join(context.Canceled, refused), 409, true},
		"without a sentinel": {&client.Error{Code: 429}, 429, true},
		"a sentinel":         {client.ErrConflict, 0, false},
		"an HTTP status":     {&client.StatusError{Status: http.StatusNotFound}, 0, false},
		"a close code":       {&client.CloseError{Code: 1008}, 0, false},
		"an unknown outcome": {&client.OutcomeUnknownError{Err: context.Canceled}, 0, false},
	} {
		if code, ok := client.CodeOf(test.err); code != test.code || ok != test.ok {
			t.Errorf("%s: the code is %d, %v; want %d, %v", name, code, ok, test.code, test.ok)
		}
	}
}
