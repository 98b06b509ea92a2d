package client_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
)

func TestRefusalsHintAtWhatMayBeMissing(t *testing.T) {
	const answer = " No\r\nContent-Length: 0\r\n\r\n"
	for name, test := range map[string]struct {
		url    string
		opts   []client.Option
		script func(p *peer)
		kind   error  // nil for any
		hint   string // "" for none
	}{
		"no token": {
			"ws://peer.test/dwp",
			[]client.Option{client.WithToken("")},
			func(p *peer) { refuseTokens(p, func(string) bool { return true }) }, client.ErrUnauthorized, "WithToken",
		},
		"no token at the upgrade": {
			"ws://peer.test/dwp",
			[]client.Option{client.WithToken("")},
			func(p *peer) { answerHTTP(p, 1, "HTTP/1.1 401"+answer) }, client.ErrUnauthorized, "WithToken",
		},
		"no token from the source": {
			"ws://peer.test/dwp",
			[]client.Option{client.WithToken(""), client.WithTokenSource(func(context.Context) (string, error) { return "", nil })},
			func(p *peer) { refuseTokens(p, func(string) bool { return true }) }, client.ErrUnauthorized, "WithTokenSource returned an empty token",
		},
		"no token, but a query": {
			"ws://peer.test/dwp?key=k",
			[]client.Option{client.WithToken("")},
			func(p *peer) { refuseTokens(p, func(string) bool { return true }) }, client.ErrUnauthorized, "",
		},
		"no token, but a user": {
			"ws://me:pw@peer.test/dwp",
			[]client.Option{client.WithToken("")},
			func(p *peer) { refuseTokens(p, func(string) bool { return true }) }, client.ErrUnauthorized, "",
		},
		"no token, but a header": {
			"ws://peer.test/dwp",
			[]client.Option{client.WithToken(""), client.WithHeader(http.Header{"Authorization": {"Bearer b"}})},
			func(p *peer) { refuseTokens(p, func(string) bool { return true }) }, client.ErrUnauthorized, "",
		},
		"a token": {
			"ws://peer.test/dwp", nil,
			func(p *peer) { refuseTokens(p, func(string) bool { return true }) }, client.ErrUnauthorized, "",
		},
		"another path": {
			"ws://peer.test/", nil,
			func(p *peer) { answerHTTP(p, 1, "HTTP/1.1 404"+answer) }, client.ErrNotFound, "/dwp",
		},
		"no path": {
			"ws://peer.test?x=y", nil,
			func(p *peer) { answerHTTP(p, 1, "HTTP/1.1 404"+answer) }, client.ErrNotFound, "/dwp",
		},
		"the path": {
			"ws://peer.test/v1/dwp", nil,
			func(p *peer) { answerHTTP(p, 1, "HTTP/1.1 404"+answer) }, client.ErrNotFound, "",
		},
		"a TLS alert to ws": {
			"ws://peer.test/dwp", nil,
			func(p *peer) { answerHTTP(p, 1, "\x15\x03\x01\x00\x02\x02\x16") }, nil, "wss://",
		},
		"400 to ws": {
			"ws://peer.test/dwp", nil,
			func(p *peer) { answerHTTP(p, 1, "HTTP/1.0 400"+answer) }, client.ErrBadRequest, "wss://",
		},
		"a close to ws": {
			"ws://peer.test/dwp", nil,
			func(p *peer) { p.admit = func(*peerConn) bool { return false } }, nil, "",
		},
		"HTTP to wss": {
			"wss://peer.test/dwp", nil,
			func(p *peer) {
				p.admit = func(c *peerConn) bool {
					c.Read(make([]byte, 4096)) // the client's greeting
					c.Write([]byte("HTTP/1.1 400" + answer))
					return false
				}
			}, nil, "ws://",
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				test.script(p)
				opts := append([]client.Option{client.WithToken("secret-token"), client.WithDialContext(p.l.Dial), format}, test.opts...)
				_, err := client.DialContext(t.Context(), test.url, opts...)
				if err == nil || test.kind != nil && !errors.Is(err, test.kind) {
					t.Fatalf("%v, want %v", err, test.kind)
				}
				hint := ""
				if _, rest, ok := strings.Cut(err.Error(), " (hint: "); ok {
					hint = rest
				}
				if (hint == "") != (test.hint == "") || !strings.Contains(hint, test.hint) {
					t.Errorf("%v, want a hint at %q", err, test.hint)
				}
			})
		})
	}
}

// It is over real sockets, because the answer is that of a real TLS server.
func TestURLWithoutTLSToAPortWithTLSIsHintedAt(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { ws.UpgradeHTTP(r, w) }))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	_, err := client.DialContext(t.Context(), "ws"+strings.TrimPrefix(srv.URL, "https")+"/dwp",
		client.WithDialContext(new(net.Dialer).DialContext))
	if err == nil || !strings.Contains(err.Error(), "hint: ") || !strings.Contains(err.Error(), "wss://") {
		t.Error(err)
	}
}
