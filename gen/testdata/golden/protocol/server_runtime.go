package server

import (
	"context"
	"encoding/json"
	"errors"
)

// Service is service, for the test.
type Service = service

var errUnknownMethod = errors.New("unknown method")

func serve[Q, R any](ctx context.Context, data json.RawMessage, h func(context.Context, *Q) (R, error)) (any, error) {
	q := new(Q)
	if err := json.Unmarshal(data, q); err != nil {
		return nil, err
	}
	return h(ctx, q)
}

// Serve has a service serve a request.
func Serve(ctx context.Context, s Service, method string, data []byte) ([]byte, error) {
	result, err := dispatch(ctx, s, method, data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// ScopeOf is scopeOf, for the test.
func ScopeOf(method string) (scope string, known bool) { return scopeOf(method) }
