package client_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
)

func TestURLWithoutASchemeIsRefusedWithWhatIsMissing(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"api.example.com/dwp":                  "the URL api.example.com/dwp has no scheme",
		"localhost:8080/dwp":                   "the URL localhost:8080/dwp has no scheme",
		"127.0.0.1:8080/dwp":                   "the URL 127.0.0.1:8080/dwp has no scheme",
		"[::1]:8080/dwp":                       "the URL [::1]:8080/dwp has no scheme",
		"//api.example.com/dwp":                "the URL //api.example.com/dwp has no scheme",
		"me:hunter2@api.example.com/dwp":       "the URL api.example.com/dwp has no scheme",
		"api.example.com/dwp?token=hunter2":    "the URL api.example.com/dwp has no scheme",
		"api.example.com/dwp?token=a@hunter2":  "the URL has no scheme",
		"me:hun?hunter2@api.example.com/dwp":   "the URL has no scheme",
		"api.example.com/dwp#hunter2":          "the URL api.example.com/dwp has no scheme",
		"api.example.com/" + "a" + "\x00/dwp":  "the URL has no scheme",
		"dk_live_hunter2":                      "the URL has no scheme",
		"eyJhbGciOi.eyJzdWIi.hunter2":          "the URL has no scheme",
		"":                                     "the URL has no scheme",
		"http://me:hunter2@api.example.com":    `the URL's scheme has to be ws or wss, not "http"`,
		"ws:///dwp?token=hunter2":              "the URL has no host",
		"ws://api.example.com/dwp\x7f?hunter2": "the URL does not parse",
	} {
		_, err := client.DialContext(t.Context(), raw)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want %s", raw, err, want)
		}
		if strings.HasSuffix(want, "no scheme") && !strings.Contains(err.Error(), "wss://") {
			t.Errorf("%q: %v does not say what to write", raw, err)
		}
	}
}

func TestOptionsTakeCopiesAtOnce(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Test") != "before" {
			t.Errorf("the header is %q", r.Header.Get("X-Test"))
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	srv.StartTLS()
	defer srv.Close()
	header := http.Header{"X-Test": {"before"}}
	conf := srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	conf.ServerName = "example.com"
	opts := []client.Option{client.WithTLSConfig(conf), client.WithHeader(header), client.WithDialContext(
		func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
		})}
	header.Set("X-Test", "after")
	conf.RootCAs, conf.MinVersion = nil, tls.VersionTLS13+1
	_, err := client.DialContext(t.Context(), "wss://dispatch.test/dwp", opts...)
	if err == nil || !strings.Contains(err.Error(), "418") {
		t.Errorf("the server was not reached: %v", err)
	}
}
