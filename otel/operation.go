package dispatchotel

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/xraph/dispatch/client"
)

func jobID(id string) attribute.KeyValue { return attribute.String("dispatch.job.id", id) }
func runID(id string) attribute.KeyValue { return attribute.String("dispatch.run.id", id) }

// knownMethods are the methods of the schema.
func knownMethods() []string {
	return []string{
		client.MethodJobEnqueue, client.MethodJobGet, client.MethodJobCancel,
		client.MethodWorkflowStart, client.MethodWorkflowGet, client.MethodWorkflowEvent, client.MethodWorkflowTimeline,
		client.MethodStats,
	}
}

// operation returns what a call is about.
func (i *interceptor) operation(call client.Call) operation {
	o := operation{method: call.Method, name: call.Method, kind: trace.SpanKindClient}
	if !slices.Contains(i.methods, call.Method) {
		// A span's name is of few values as well.
		o.method, o.name = "_OTHER", system
		o.attributes = append(o.attributes, semconv.RPCMethodOriginal(call.Method))
	}
	if call.Follows {
		o.attributes = append(o.attributes, attribute.Bool("dispatch.follows", true))
	}
	switch r := call.Request.(type) {
	case *client.EnqueueRequest:
		queue := r.Queue
		if queue == "" {
			queue = "default"
		}
		i.produce(&o, "enqueue", queue)
	case *client.StartWorkflowRequest:
		i.produce(&o, "start", r.Name)
	case *client.PublishEventRequest:
		i.produce(&o, "publish", r.Name)
	case *client.GetJobRequest:
		o.about(r.JobID, jobID(r.JobID))
	case *client.CancelJobRequest:
		o.about(r.JobID, jobID(r.JobID))
	case *client.GetWorkflowRequest:
		o.about(r.RunID, runID(r.RunID))
	case *client.WorkflowTimelineRequest:
		o.about(r.RunID, runID(r.RunID))
	}
	return o
}

// about makes an operation one about a job or a run.
func (o *operation) about(id string, a attribute.KeyValue) {
	o.link, o.attributes = id, append(o.attributes, a)
}

// produce makes an operation one of messaging, if that is asked for.
func (i *interceptor) produce(o *operation, name, destination string) {
	if !i.messaging {
		return
	}
	o.kind, o.name = trace.SpanKindProducer, name+" "+destination
	o.attributes = append(o.attributes,
		semconv.MessagingSystemKey.String(system), semconv.MessagingOperationTypeSend,
		semconv.MessagingOperationName(name), semconv.MessagingDestinationName(destination))
}

// result returns the id of what a call has made, to link to, and what its span says of it.
func (i *interceptor) result(result any) (id string, about []attribute.KeyValue) {
	switch r := result.(type) {
	case *client.EnqueueResult:
		id, about = r.JobID, append(about, jobID(r.JobID))
	case *client.WorkflowResult:
		id, about = r.RunID, append(about, runID(r.RunID))
	default:
		return "", nil
	}
	if i.messaging {
		about = append(about, semconv.MessagingMessageID(id))
	}
	return id, about
}
