package main

import (
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/xraph/dispatch/devserver"
)

func TestPrometheusIsServedTheDurationsOfCalls(t *testing.T) {
	t.Parallel()
	srv := devserver.New()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	c, metrics, err := connect(t.Context(), srv.URL(), devserver.DefaultToken)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		if _, err := c.Enqueue(t.Context(), "send-email", nil); err != nil {
			t.Fatal(err)
		}
	}
	answer := httptest.NewRecorder()
	metrics.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	want := regexp.MustCompile(`(?m)^rpc_client_call_duration_seconds_count\{.*rpc_method="job\.enqueue".*rpc_system_name="dispatch".*\} 3$`)
	if text := answer.Body.String(); !want.MatchString(text) {
		t.Errorf("Prometheus is served\n%s", text)
	}
}
