package dispatchotel

import (
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// origins remembers the spans that jobs and runs come from, a bounded number of them: the oldest is
// forgotten first.
type origins struct {
	mu    sync.Mutex
	spans map[string]trace.SpanContext
	order []string // a ring of the ids in spans
	next  int      // where the next goes
	limit int
}

func newOrigins(limit int) *origins {
	return &origins{spans: map[string]trace.SpanContext{}, limit: max(limit, 0)}
}

// put remembers a span as the origin of an id, unless one of the two is not valid.
func (o *origins) put(id string, span trace.SpanContext) {
	if o.limit == 0 || id == "" || !span.IsValid() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.spans[id]; !known {
		if len(o.order) < o.limit {
			o.order = append(o.order, id)
		} else {
			delete(o.spans, o.order[o.next])
			o.order[o.next] = id
			o.next = (o.next + 1) % o.limit
		}
	}
	o.spans[id] = span
}

// get returns the origin of an id; it is not valid if there is none.
func (o *origins) get(id string) trace.SpanContext {
	if o.limit == 0 || id == "" {
		return trace.SpanContext{}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.spans[id]
}
