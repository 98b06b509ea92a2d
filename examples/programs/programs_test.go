package programs_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/dwptest"
	"github.com/xraph/dispatch/examples/programs"
	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

// get returns what a handler answers.
func get(h http.Handler, path string) (code int, body string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestHandlerAnswersWhenTheReportIsMade(t *testing.T) {
	t.Parallel()
	srv, c := dwptest.New(t)
	srv.HandleJob("report", func(context.Context, devserver.Job) error { return nil })
	if code, body := get(programs.ReportHandler(c), "/?month=May"); code != http.StatusOK || !strings.Contains(body, `"job":"job_`) {
		t.Errorf("%d %s", code, body)
	}
	if jobs := srv.Journal(client.MethodJobEnqueue); len(jobs) != 1 || string(jobs[0].Payload) != `{"month":"May"}` {
		t.Errorf("%+v", jobs)
	}
	srv.Inject(fault.Refuse(client.CodeForbidden, "no", fault.Requests(client.MethodJobEnqueue).First(1)))
	if code, _ := get(programs.ReportHandler(c), "/"); code != http.StatusServiceUnavailable {
		t.Errorf("a refused job is answered with %d", code)
	}
}

func TestTenThousandReportsAreEnqueued(t *testing.T) {
	t.Parallel()
	srv, c := dwptest.New(t)
	srv.Inject(fault.Refuse(client.CodeBadRequest, "no", fault.Requests(client.MethodJobEnqueue).Nth(7)))
	reports := slices.Repeat([]programs.Report{{Month: "May"}}, 10_000)
	tally := programs.EnqueueAll(t.Context(), c, slices.Values(reports))
	if n := len(srv.Journal(client.MethodJobEnqueue)); tally.Enqueued != 9_999 || n != 9_999 || len(tally.Again) != 1 || len(tally.Perhaps) != 0 {
		t.Errorf("%d enqueued, by the journal %d; %v, %v", tally.Enqueued, n, tally.Again, tally.Perhaps)
	}
}

func TestProbesAndDrain(t *testing.T) {
	t.Parallel()
	_, c := dwptest.New(t)
	probes := programs.Probes(c)
	for _, path := range []string{"/livez", "/readyz"} {
		if code, body := get(probes, path); code != http.StatusOK {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := programs.Run(ctx, c, time.Minute); err != nil {
		t.Errorf("Run: %v", err)
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if code, _ := get(probes, path); code != http.StatusServiceUnavailable {
			t.Errorf("%s after the drain: %d", path, code)
		}
	}
	if err := programs.Run(t.Context(), c, time.Minute); !errors.Is(err, client.ErrClosed) {
		t.Errorf("Run of a closed client: %v", err)
	}
}
