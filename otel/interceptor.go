package dispatchotel

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/rpcconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/xraph/dispatch/client"
)

const (
	scope = "github.com/xraph/dispatch/otel"
	// system is how Dispatch is named among systems of RPC and of messaging.
	system = "dispatch"
	// subscribe is the method that makes subscriptions.
	subscribe = "subscribe"
)

type interceptor struct {
	config
	tracer   trace.Tracer
	duration rpcconv.ClientCallDuration
	server   []attribute.KeyValue // of every span and measurement
	seen     *origins
}

// NewInterceptor returns an interceptor that reports the calls and subscriptions of a client of the
// server at rawURL, the URL that the client is given. It may be used by several clients of that
// server; links cross them. An error is one of the URL, which the error does not quote, or of the
// meter.
func NewInterceptor(rawURL string, opts ...Option) (client.Interceptor, error) {
	i := &interceptor{config: config{links: 4096, methods: knownMethods()}}
	for _, o := range opts {
		o(&i.config)
	}
	if i.tracers == nil {
		i.tracers = otel.GetTracerProvider()
	}
	if i.meters == nil {
		i.meters = otel.GetMeterProvider()
	}
	address, port, err := server(rawURL)
	if err != nil {
		return nil, err
	}
	i.server = []attribute.KeyValue{
		semconv.RPCSystemNameKey.String(system), semconv.ServerAddress(address), semconv.ServerPort(port),
	}
	i.tracer = i.tracers.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
	i.duration, err = rpcconv.NewClientCallDuration(i.meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL)))
	if err != nil {
		return nil, fmt.Errorf("dispatchotel: %w", err)
	}
	i.seen = newOrigins(i.links)
	return i, nil
}

// server returns the host and the port of a server's URL.
func server(rawURL string) (address string, port int, err error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return "", 0, errors.New("dispatchotel: the URL has no host or does not parse")
	}
	switch {
	case u.Port() != "":
		port, err = strconv.Atoi(u.Port())
	case u.Scheme == "wss":
		port = 443
	default:
		port = 80
	}
	if err != nil {
		return "", 0, errors.New("dispatchotel: the URL's port is not a number")
	}
	return u.Hostname(), port, nil
}

// operation is what a span and a measurement are about.
type operation struct {
	method     string
	name       string // of the span
	kind       trace.SpanKind
	attributes []attribute.KeyValue // of the span alone
	link       string               // the id of a job or a run whose origin is linked to
}

// begin starts an operation's span. The function that it returns ends it and measures.
func (i *interceptor) begin(ctx context.Context, o operation) (context.Context, func(err error, attributes ...attribute.KeyValue)) {
	common := slices.Clip(append(slices.Clone(i.server), semconv.RPCMethod(o.method)))
	start := []trace.SpanStartOption{
		trace.WithSpanKind(o.kind), trace.WithAttributes(common...), trace.WithAttributes(o.attributes...),
	}
	if origin := i.seen.get(o.link); origin.IsValid() {
		start = append(start, trace.WithLinks(trace.Link{SpanContext: origin}))
	}
	began := time.Now()
	ctx, span := i.tracer.Start(ctx, o.name, start...)              //nolint:spancheck // the function that is returned ends it
	return ctx, func(err error, attributes ...attribute.KeyValue) { //nolint:spancheck // the same
		failure := describe(err)
		span.SetAttributes(attributes...)
		span.SetAttributes(failure...)
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		span.End()
		i.duration.RecordSet(ctx, time.Since(began).Seconds(), attribute.NewSet(append(common, failure...)...))
	}
}

// errPanicked is the error of an operation that ended with a panic.
var errPanicked = errors.New("dispatchotel: panic")

// WrapCall reports each call as a span and a measurement.
func (i *interceptor) WrapCall(next client.CallFunc) client.CallFunc {
	return func(ctx context.Context, call client.Call) (reply client.Reply, err error) {
		o := i.operation(call)
		ctx, end := i.begin(ctx, o)
		err = errPanicked
		defer func() {
			var outcome []attribute.KeyValue
			if err == nil {
				id, about := i.result(reply.Result)
				outcome = about
				i.seen.put(id, trace.SpanContextFromContext(ctx))
			}
			if reply.Attempts > 1 {
				outcome = append(outcome, attribute.Int("dispatch.attempts", reply.Attempts))
			}
			end(err, outcome...)
		}()
		reply, err = next(ctx, call)
		return reply, err
	}
}

// WrapSubscribe reports the making of each subscription as a span and a measurement.
func (i *interceptor) WrapSubscribe(next client.SubscribeFunc) client.SubscribeFunc {
	return func(ctx context.Context, call client.SubscribeCall) (sub *client.Subscription, err error) {
		o := operation{
			method: subscribe, name: subscribe, kind: trace.SpanKindClient, link: call.RunID,
			attributes: []attribute.KeyValue{attribute.String("dispatch.channel", call.Channel)},
		}
		if call.RunID != "" {
			o.attributes = append(o.attributes, runID(call.RunID))
		}
		ctx, end := i.begin(ctx, o)
		err = errPanicked
		defer func() { end(err) }()
		sub, err = next(ctx, call)
		return sub, err
	}
}
