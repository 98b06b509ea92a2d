package client_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
)

// The environment is read once in a process, so each case has a process of its own.
func TestProxyIsThatOfTheEnvironmentByDefault(t *testing.T) {
	t.Parallel()
	const server = "DISPATCH_TEST_SERVER" // set in the processes
	if raw := os.Getenv(server); raw != "" {
		var opts []client.Option
		switch os.Getenv(server + "_OPTION") {
		case "none":
			opts = append(opts, client.WithProxy(nil))
		case "dial":
			opts = append(opts, client.WithDialContext(func(context.Context, string, string) (net.Conn, error) { return nil, errTest }))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := client.DialContext(ctx, raw, opts...)
		fmt.Println("error:", err)
		return
	}
	plain, _, _ := proxied(t, false)
	for name, test := range map[string]struct {
		url     string
		env     []string // PROXY stands for the proxy's URL
		request string   // of the proxy; "" for none
	}{
		"HTTP_PROXY for ws":      {"ws://server.invalid/dwp", []string{"HTTP_PROXY=PROXY"}, "server.invalid:80"},
		"HTTPS_PROXY for wss":    {"wss://server.invalid/dwp", []string{"HTTPS_PROXY=PROXY"}, "server.invalid:443"},
		"https_proxy for wss":    {"wss://server.invalid:8443/dwp", []string{"https_proxy=PROXY"}, "server.invalid:8443"},
		"HTTP_PROXY not for wss": {"wss://server.invalid/dwp", []string{"HTTP_PROXY=PROXY"}, ""},
		"HTTPS_PROXY not for ws": {"ws://server.invalid/dwp", []string{"HTTPS_PROXY=PROXY"}, ""},
		"NO_PROXY":               {"ws://server.invalid/dwp", []string{"HTTP_PROXY=PROXY", "NO_PROXY=.invalid"}, ""},
		"loopback":               {plain, []string{"HTTP_PROXY=PROXY"}, ""},
		"WithProxy(nil)":         {"ws://server.invalid/dwp", []string{"HTTP_PROXY=PROXY", server + "_OPTION=none"}, ""},
		"WithDialContext":        {"ws://server.invalid/dwp", []string{"HTTP_PROXY=PROXY", server + "_OPTION=dial"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, false)
			p.answering("HTTP/1.1 403 No\r\n\r\n")
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProxyIsThatOfTheEnvironmentByDefault$") //nolint:gosec // it is this test
			cmd.Env = []string{server + "=" + test.url}
			for _, setting := range test.env {
				cmd.Env = append(cmd.Env, strings.Replace(setting, "=PROXY", "="+p.url(nil).String(), 1))
			}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var want, asked []string
			if test.request != "" {
				want = []string{test.request}
			}
			for _, req := range p.requests() {
				asked = append(asked, req.Host)
			}
			named := strings.Contains(string(out), "the proxy is from HTTP_PROXY or HTTPS_PROXY")
			if diff := cmp.Diff(want, asked); diff != "" || named != (want != nil) {
				t.Errorf("the proxy was asked: %s: %s", diff, out)
			}
		})
	}
}
