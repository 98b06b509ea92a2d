package devserver

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestTheNameThatWasListenedOnIsTheListeners uses names that only the configuration of a machine
// can lead to loopback, so it asks for them directly.
func TestTheNameThatWasListenedOnIsTheListeners(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	host, _ := splitHost("Dev.Test:8080")
	for target, admitted := range map[string]bool{
		"http://dev.test/dwp/rpc":       true,
		"http://DEV.test:9/dwp/rpc":     true,
		"http://other.test:8080/dwp":    true, // as if it were an upgrade
		"http://other.test:8080/dwp/":   true,
		"http://other.test/dwp/sse":     false,
		"http://other.test/dwp/rpc/":    false,
		"http://dev.test.other/dwp/sse": false,
	} {
		r := httptest.NewRequestWithContext(baseContext(namedListener{l, host}), http.MethodGet, target, nil)
		if err := New().cfg.admit(r); (err == nil) != admitted {
			t.Errorf("%s: %v", target, err)
		}
	}
}
