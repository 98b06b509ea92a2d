package dispatchotel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/dwptest"
	dispatchotel "github.com/xraph/dispatch/otel"
)

const url = "wss://api.example.com/dwp"

// recorder keeps what an interceptor reports.
type recorder struct {
	spans  *tracetest.InMemoryExporter
	reader *sdkmetric.ManualReader
}

func record(t *testing.T, opts ...dispatchotel.Option) (*recorder, client.Interceptor) {
	t.Helper()
	r := &recorder{spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	tracers := trace.NewTracerProvider(trace.WithSyncer(r.spans))
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.reader))
	t.Cleanup(func() {
		if err := errors.Join(tracers.Shutdown(context.Background()), meters.Shutdown(context.Background())); err != nil {
			t.Error(err)
		}
	})
	i, err := dispatchotel.NewInterceptor(url, append(opts, dispatchotel.WithTracerProvider(tracers), dispatchotel.WithMeterProvider(meters))...)
	if err != nil {
		t.Fatal(err)
	}
	return r, i
}

// line is a span in one line: name, kind, status, attributes in order.
func line(s tracetest.SpanStub) string {
	parts := []string{s.Name, s.SpanKind.String(), s.Status.Code.String()}
	for _, a := range s.Attributes {
		parts = append(parts, fmt.Sprintf("%s=%v", a.Key, a.Value.AsInterface()))
	}
	return strings.Join(parts, " ")
}

func (r *recorder) lines() []string {
	var lines []string
	for _, s := range r.spans.GetSpans() {
		lines = append(lines, line(s))
	}
	return lines
}

// duration returns the only metric.
func (r *recorder) duration(t *testing.T) metricdata.Metrics {
	t.Helper()
	var m metricdata.ResourceMetrics
	if err := r.reader.Collect(t.Context(), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.ScopeMetrics) != 1 || len(m.ScopeMetrics[0].Metrics) != 1 {
		t.Fatalf("not one metric: %+v", m)
	}
	return m.ScopeMetrics[0].Metrics[0]
}

const server = "rpc.system.name=dispatch server.address=api.example.com server.port=443"

func TestCallsAndSubscriptionsAreSpans(t *testing.T) {
	t.Parallel()
	r, i := record(t)
	_, c := dwptest.New(t, dwptest.WithClient(client.WithInterceptors(i)))
	ctx := t.Context()
	job, err := c.Enqueue(ctx, "send-email", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CancelJob(ctx, job.JobID); err != nil {
		t.Fatal(err)
	}
	missing := "job_01m84cyd1mek5vqf9b1gbppevr"
	if _, err := c.GetJob(ctx, missing); !errors.Is(err, client.ErrNotFound) {
		t.Fatal(err)
	}
	if _, err := c.Subscribe(ctx, "jobs"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"job.enqueue client Unset " + server + " rpc.method=job.enqueue dispatch.job.id=" + job.JobID,
		"job.cancel client Unset " + server + " rpc.method=job.cancel dispatch.job.id=" + job.JobID,
		"job.get client Error " + server + " rpc.method=job.get dispatch.job.id=" + missing + " error.type=404 rpc.response.status_code=404",
		"subscribe client Unset " + server + " rpc.method=subscribe dispatch.channel=jobs",
	}
	if diff := cmp.Diff(want, r.lines()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestDurationsAreMeasuredByTheConventions(t *testing.T) {
	t.Parallel()
	r, i := record(t)
	_, c := dwptest.New(t, dwptest.WithClient(client.WithInterceptors(i)))
	for range 2 {
		if _, err := c.Enqueue(t.Context(), "send-email", nil); err != nil {
			t.Fatal(err)
		}
	}
	m := r.duration(t)
	if m.Name != "rpc.client.call.duration" || m.Unit != "s" {
		t.Errorf("%s in %s", m.Name, m.Unit)
	}
	points := m.Data.(metricdata.Histogram[float64]).DataPoints
	if len(points) != 1 || points[0].Count != 2 {
		t.Fatalf("%+v", points)
	}
	bounds := []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
	if diff := cmp.Diff(bounds, points[0].Bounds); diff != "" {
		t.Errorf("buckets: -want +got\n%s", diff)
	}
	var got []string
	for _, a := range points[0].Attributes.ToSlice() { // sorted by key
		got = append(got, fmt.Sprintf("%s=%v", a.Key, a.Value.AsInterface()))
	}
	want := []string{"rpc.method=job.enqueue", "rpc.system.name=dispatch", "server.address=api.example.com", "server.port=443"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes: -want +got\n%s", diff)
	}
}

func TestMessagingIsReportedAsProducers(t *testing.T) {
	t.Parallel()
	r, i := record(t, dispatchotel.WithMessaging())
	srv, c := dwptest.New(t, dwptest.WithClient(client.WithInterceptors(i)))
	srv.HandleWorkflow("order", func(context.Context, *devserver.Run) (any, error) { return "done", nil })
	ctx := t.Context()
	job, err := c.Enqueue(ctx, "send-email", nil, client.WithQueue("critical"))
	if err != nil {
		t.Fatal(err)
	}
	run, err := c.StartWorkflow(ctx, "order", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.PublishEvent(ctx, "paid", nil); err != nil {
		t.Fatal(err)
	}
	producer := " rpc.method=%s messaging.system=dispatch messaging.operation.type=send messaging.operation.name=%s messaging.destination.name=%s"
	want := []string{
		"enqueue critical producer Unset " + server + fmt.Sprintf(producer, "job.enqueue", "enqueue", "critical") +
			" dispatch.job.id=" + job.JobID + " messaging.message.id=" + job.JobID,
		"start order producer Unset " + server + fmt.Sprintf(producer, "workflow.start", "start", "order") +
			" dispatch.run.id=" + run.RunID + " messaging.message.id=" + run.RunID,
		"publish paid producer Unset " + server + fmt.Sprintf(producer, "workflow.event", "publish", "paid"),
	}
	if diff := cmp.Diff(want, r.lines()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSpansLinkToThoseThatTheirJobsAndRunsComeFrom(t *testing.T) {
	t.Parallel()
	r, i := record(t)
	srv, c := dwptest.New(t, dwptest.WithClient(client.WithInterceptors(i)))
	srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
	srv.HandleWorkflow("order", func(context.Context, *devserver.Run) (any, error) { return "done", nil })
	ctx := t.Context()
	job, err := c.Enqueue(ctx, "send-email", nil)
	if err != nil {
		t.Fatal(err)
	}
	run, err := c.StartWorkflow(ctx, "order", nil)
	if err != nil {
		t.Fatal(err)
	}
	origins := r.spans.GetSpans()
	if len(origins) != 2 {
		t.Fatal(r.lines())
	}
	r.spans.Reset()
	if _, err := c.AwaitJob(ctx, job.JobID); err != nil {
		t.Fatal(err)
	}
	sub, err := c.Watch(ctx, run.RunID)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range sub.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
	}
	methods := map[string]bool{}
	for _, s := range r.spans.GetSpans() {
		text := line(s)
		var want oteltrace.SpanContext
		switch {
		case strings.Contains(text, job.JobID):
			want = origins[0].SpanContext
		case strings.Contains(text, run.RunID):
			want = origins[1].SpanContext
		default:
			continue // such as the subscription to all jobs
		}
		methods[s.Name] = true
		if len(s.Links) != 1 || !s.Links[0].SpanContext.Equal(want) {
			t.Errorf("%s has the links %+v", text, s.Links)
		}
	}
	if diff := cmp.Diff(map[string]bool{"job.get": true, "subscribe": true, "workflow.get": true}, methods); diff != "" {
		t.Errorf("the linked spans: -want +got\n%s\n%s", diff, strings.Join(r.lines(), "\n"))
	}
}

// TestPayloadsTokensAndErrorTextsAreNotReported looks at everything that the exporters were given.
func TestPayloadsTokensAndErrorTextsAreNotReported(t *testing.T) {
	t.Parallel()
	r, i := record(t, dispatchotel.WithMessaging())
	srv, c := dwptest.New(t, dwptest.WithClient(client.WithInterceptors(i)))
	srv.HandleWorkflow("order", func(context.Context, *devserver.Run) (any, error) { return "secret output", nil })
	ctx := t.Context()
	if _, err := c.Enqueue(ctx, "send-email", "secret payload"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.StartWorkflow(ctx, "order", "secret input"); err != nil {
		t.Fatal(err)
	}
	if err := c.PublishEvent(ctx, "paid", "secret event"); err != nil {
		t.Fatal(err)
	}
	call := i.WrapCall(func(context.Context, client.Call) (client.Reply, error) {
		return client.Reply{Result: json.RawMessage(`"secret reply"`)}, &client.Error{Code: client.CodeInternal, Message: "secret text"}
	})
	if _, err := call(ctx, client.Call{Method: "stats", Request: "secret request"}); err == nil {
		t.Fatal("no error")
	}
	var all strings.Builder
	for _, s := range r.spans.GetSpans() {
		fmt.Fprintf(&all, "%+v\n", s)
		if s.Status.Code == codes.Error && s.Status.Description != "" || len(s.Events) > 0 {
			t.Errorf("%s has a description or events", line(s))
		}
	}
	fmt.Fprintf(&all, "%+v\n", r.duration(t))
	text := all.String()
	for _, confidential := range []string{"secret", devserver.DefaultToken} {
		if strings.Contains(text, confidential) {
			t.Errorf("%s was reported:\n%s", confidential, text)
		}
	}
	if len(r.spans.GetSpans()) != 4 || !strings.Contains(text, client.MethodJobEnqueue) {
		t.Errorf("the calls were not reported:\n%s", text)
	}
}
