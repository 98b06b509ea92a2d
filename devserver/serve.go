package devserver

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/codec"
)

// This file is what the generated dispatch calls, and what calls it.

var errUnknownMethod = errors.New("unknown method")

// serve decodes a request's data and has h serve it.
func serve[Q, R any](ctx context.Context, data json.RawMessage, h func(context.Context, *Q) (R, error)) (any, error) {
	q := new(Q)
	if err := codec.Unmarshal(data, q); err != nil {
		// What is no object at all, production servers refuse in the words of encoding/json.
		var object struct{}
		if unlike := json.Unmarshal(data, &object); unlike != nil {
			err = unlike
		}
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			wrong.Type = reflect.TypeFor[Q]()
		}
		return nil, badRequest(err)
	}
	return h(ctx, q)
}

// serveNoData has h serve a request that has no data.
func serveNoData[R any](ctx context.Context, _ json.RawMessage, h func(context.Context) (R, error)) (any, error) {
	return h(ctx)
}

func badRequest(err error) error {
	return Errorf(client.CodeBadRequest, "invalid request: %v", err)
}

// call serves a method for who may have it served, and returns the encoded result.
func (s *Server) call(ctx context.Context, method string, data json.RawMessage) (json.RawMessage, error) {
	if !callerOf(ctx).who.may(scopeOf(method)) {
		return nil, errForbidden
	}
	var result any
	var err error
	if h := s.handlers.method(method); h != nil {
		err = recovering(func() (err error) {
			result, err = h(ctx, data)
			return err
		})
	} else {
		result, err = dispatch(ctx, s.memory(), method, data)
	}
	switch {
	case errors.Is(err, errUnknownMethod):
		return nil, Errorf(client.CodeMethodNotFound, "unknown method: %s", method)
	case err != nil:
		return nil, err
	}
	return json.Marshal(result)
}

var errForbidden = Errorf(client.CodeForbidden, "insufficient permissions")
