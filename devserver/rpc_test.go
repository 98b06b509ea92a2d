package devserver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

func TestTheStatusOfARequestIsItsErrorsCode(t *testing.T) {
	t.Parallel()
	srv := devserver.New()
	t.Cleanup(func() { srv.Close() })
	srv.HandleRaw("job.fail", func(_ context.Context, data json.RawMessage) (any, error) {
		code, err := strconv.Atoi(string(data))
		if err != nil {
			return nil, err
		}
		return nil, devserver.Errorf(client.Code(code), "refused")
	})
	for code, want := range map[string]int{"399": 500, "400": 400, "418": 418, "599": 599, "600": 500} {
		body := `{"id":"1","type":"request","method":"job.fail","token":"` + devserver.DefaultToken + `","data":` + code + `}`
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/dwp/rpc", strings.NewReader(body)))
		if w.Code != want || !strings.Contains(w.Body.String(), `"code":`+code) {
			t.Errorf("code %s: status %d, %s", code, w.Code, w.Body)
		}
	}
}

func TestAnotherMethodIsToldWhichIsAllowed(t *testing.T) {
	t.Parallel()
	srv := devserver.New()
	t.Cleanup(func() { srv.Close() })
	for path, want := range map[string]string{"/dwp": "GET", "/dwp/": "GET", "/dwp/rpc": "POST", "/dwp/rpc/": "POST", "/dwp/sse": "GET"} {
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, path, nil))
		if allowed := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || allowed != want {
			t.Errorf("%s: status %d, allowed is %q, want %q", path, w.Code, allowed, want)
		}
	}
}
