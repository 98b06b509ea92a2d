package dispatchotel

import (
	"strconv"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func span(n byte) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{n}})
}

func TestOldestOriginIsForgottenFirst(t *testing.T) {
	t.Parallel()
	o := newOrigins(3)
	for n := byte(1); n <= 8; n++ {
		o.put(strconv.Itoa(int(n)), span(n))
		o.put("", span(n))
		o.put("invalid", trace.SpanContext{})
		if len(o.spans) > 3 || len(o.order) > 3 {
			t.Fatalf("%d spans, %d ids", len(o.spans), len(o.order))
		}
	}
	o.put("8", span(9)) // takes no further place
	for n := byte(1); n <= 8; n++ {
		want := trace.SpanContext{}
		if n > 5 {
			want = span(n)
		}
		if n == 8 {
			want = span(9)
		}
		if got := o.get(strconv.Itoa(int(n))); !got.Equal(want) {
			t.Errorf("%d has %v, want %v", n, got.SpanID(), want.SpanID())
		}
	}
}

func TestWithoutRoomNoOriginIsRemembered(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, -1} {
		o := newOrigins(limit)
		o.put("1", span(1))
		if o.get("1").IsValid() {
			t.Errorf("with room for %d an origin is remembered", limit)
		}
	}
}
