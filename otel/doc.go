// Package dispatchotel reports what a Dispatch client does as OpenTelemetry spans and metrics:
//
//	telemetry, err := dispatchotel.NewInterceptor(url)
//	…
//	c, err := client.DialContext(ctx, url, client.WithInterceptors(telemetry))
//
// Each call, each read that Watch or an Await makes, and the making of each subscription is a span
// of kind CLIENT and a measurement of rpc.client.call.duration, in seconds, by the semantic
// conventions for RPC, version 1.43:
//
//	rpc.system.name           dispatch
//	rpc.method                the method, such as job.enqueue; _OTHER if it is not known
//	rpc.method_original       the method if it is not known; spans only
//	server.address            the host of the URL
//	server.port               its port, by default that of the URL's scheme
//	rpc.response.status_code  the code of the server's refusal, such as 404; absent otherwise
//	error.type                that code, or the kind of the error: outcome_unknown, timeout,
//	                          canceled, closed, draining, not_connected, too_many_calls,
//	                          too_many_subscriptions, too_large, or _OTHER
//
// Spans, not metrics, have attributes of this package as well:
//
//	dispatch.job.id    the job that the call is about
//	dispatch.run.id    the run that the call or the subscription is about
//	dispatch.channel   the channel that is subscribed to
//	dispatch.follows   true for a read that Watch or an Await makes
//	dispatch.attempts  how many times the request was written, if not once
//
// Payloads, tokens and the texts of errors, which can quote either, are never reported.
//
// # What the wire cannot carry
//
// The frames of the protocol have no headers, so a trace's context does not reach the server, and
// the spans of a worker cannot be children of the span of the call that enqueued the job, nor
// linked to it. Within a process there are links instead: a span about a job or a run that the same
// interceptor has seen enqueued or started, such as those of GetJob, AwaitJob and Watch, links to
// that call's span. The last 4,096 are remembered, by [WithLinks]. To link further, put a trace's
// context into the payload.
package dispatchotel
