package devserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/xraph/dispatch/client"
)

// This file calls the generated dispatch, and has the functions that dispatch calls.

var errUnknownMethod = errors.New("unknown method")

// serve decodes a request's data and calls h with it.
func serve[Q, R any](ctx context.Context, data json.RawMessage, h func(context.Context, *Q) (R, error)) (any, error) {
	q := new(Q)
	if err := decodeData(data, q, callerOf(ctx).strict); err != nil {
		return nil, badRequest(err)
	}
	return h(ctx, q)
}

// serveNoData calls h for a request without data.
func serveNoData[R any](ctx context.Context, _ json.RawMessage, h func(context.Context) (R, error)) (any, error) {
	return h(ctx)
}

func badRequest(err error) error {
	return Errorf(client.CodeBadRequest, "invalid request: %v", err)
}

// call serves a method and returns the encoded result.
func (s *Server) call(ctx context.Context, method string, data json.RawMessage) (json.RawMessage, error) {
	var result any
	var err error
	if h := s.handlers.method(method); h != nil {
		err = recovering("panic", func() (err error) {
			result, err = h(ctx, data)
			return err
		})
	} else {
		result, err = dispatch(ctx, s.memory(), method, data)
	}
	switch {
	case errors.Is(err, errUnknownMethod):
		return nil, unknownMethod(method)
	case err != nil:
		return nil, err
	}
	return encode(result)
}

// unknownMethod returns the refusal of a method that is not served. The methods of a federation
// have an error of their own, as in production.
func unknownMethod(method string) error {
	switch method {
	case "federation.enqueue", "federation.event", "federation.heartbeat":
		return Errorf(client.CodeMethodNotFound, "federation not enabled")
	}
	return Errorf(client.CodeMethodNotFound, "unknown method: %s", method)
}

// encode encodes a result. The payload of a job that was enqueued without one is null.
func encode(result any) (json.RawMessage, error) {
	text, err := json.Marshal(result)
	if job, ok := result.(*client.Job); ok && job.Payload == nil {
		// Encoded strings do not contain these quotes.
		text = bytes.Replace(text, []byte(`"payload":""`), []byte(`"payload":null`), 1)
	}
	return text, err
}
