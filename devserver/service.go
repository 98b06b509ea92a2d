package devserver

import (
	"context"
	"encoding/json"
	"errors"
)

// This file is provisional: the server replaces it.

var errUnknownMethod = errors.New("unknown method")

func serve[Q, R any](ctx context.Context, data json.RawMessage, h func(context.Context, *Q) (R, error)) (any, error) {
	q := new(Q)
	if err := json.Unmarshal(data, q); err != nil {
		return nil, err
	}
	return h(ctx, q)
}

func serveNoData[R any](ctx context.Context, _ json.RawMessage, h func(context.Context) (R, error)) (any, error) {
	return h(ctx)
}
