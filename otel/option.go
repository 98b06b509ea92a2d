package dispatchotel

import (
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// Option configures an interceptor.
type Option func(*config)

type config struct {
	tracers   trace.TracerProvider
	meters    metric.MeterProvider
	methods   []string
	links     int
	messaging bool
}

// WithTracerProvider sets what makes the spans. Default, also for nil: the global provider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) { c.tracers = p }
}

// WithMeterProvider sets what takes the measurements. Default, also for nil: the global provider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) { c.meters = p }
}

// WithMethods adds methods that are known besides those of the schema. Any other method of
// [client.Client.Call] is reported as _OTHER, so that the number of time series stays bounded.
func WithMethods(names ...string) Option {
	return func(c *config) { c.methods = append(c.methods, names...) }
}

// WithLinks sets how many jobs and runs are remembered for links, together: the oldest is forgotten
// first. Each takes about 200 bytes. Default: 4096. Zero or less means none, and no links.
func WithLinks(n int) Option {
	return func(c *config) { c.links = n }
}

// WithMessaging reports job.enqueue, workflow.start and workflow.event by the semantic conventions
// for messaging as well, which are still in development and may change: their spans are of kind
// PRODUCER, are named after the operation and its destination, such as "enqueue critical", and have
// these attributes. Metrics are the same without this option.
//
//	messaging.system            dispatch
//	messaging.operation.type    send
//	messaging.operation.name    enqueue, start or publish
//	messaging.destination.name  the queue, the workflow's name or the event's name
//	messaging.message.id        the id of the job or the run, if the call succeeded
func WithMessaging() Option {
	return func(c *config) { c.messaging = true }
}
