package dispatchotel

import (
	"context"
	"errors"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/xraph/dispatch/client"
)

// kinds are the values of error.type for errors without a code, the first that matches counts.
var kinds = []struct {
	err  error
	name string
}{
	{context.DeadlineExceeded, "timeout"},
	{context.Canceled, "canceled"},
	{client.ErrDraining, "draining"},
	{client.ErrClosed, "closed"},
	{client.ErrNotConnected, "not_connected"},
	{client.ErrTooManyCalls, "too_many_calls"},
	{client.ErrTooManySubscriptions, "too_many_subscriptions"},
	{client.ErrTooLarge, "too_large"},
}

// describe returns the attributes of an error, which never have its text, and none for nil.
func describe(err error) []attribute.KeyValue {
	if err == nil {
		return nil
	}
	if unknown := (*client.OutcomeUnknownError)(nil); errors.As(err, &unknown) {
		return []attribute.KeyValue{semconv.ErrorTypeKey.String("outcome_unknown")}
	}
	if refusal := (*client.Error)(nil); errors.As(err, &refusal) {
		code := strconv.Itoa(int(refusal.Code))
		return []attribute.KeyValue{semconv.ErrorTypeKey.String(code), semconv.RPCResponseStatusCode(code)}
	}
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return []attribute.KeyValue{semconv.ErrorTypeKey.String(k.name)}
		}
	}
	return []attribute.KeyValue{semconv.ErrorTypeOther}
}
