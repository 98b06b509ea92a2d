package devserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// surface is one of the three ways into a server, and how a request for it begins.
type surface struct {
	name, request, body string
	served              int // the status of a request that is let in
}

const websocketHeader = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"

var (
	socketSurface = surface{"upgrade", "GET /dwp HTTP/1.1\r\n" + websocketHeader, "", http.StatusSwitchingProtocols}
	rpcSurface    = surface{
		"rpc", "POST /dwp/rpc HTTP/1.1\r\nContent-Type: application/json\r\n",
		`{"id":"1","type":"request","method":"job.enqueue","token":"` + devserver.DefaultToken +
			`","data":{"name":"x","payload":1},"ts":"2026-11-23T14:29:33Z"}`, http.StatusOK,
	}
	sseSurface = surface{"sse", "GET /dwp/sse?channel=jobs&token=" + devserver.DefaultToken + " HTTP/1.1\r\n", "", http.StatusOK}
	surfaces   = []surface{socketSurface, rpcSurface, sseSurface}
)

// answer sends a request as it is written and returns the status, and the body of a refusal.
func (s surface) answer(t *testing.T, c net.Conn, header string) (status int, reason string) {
	t.Helper()
	defer c.Close()
	if _, err := fmt.Fprintf(c, "%s%sContent-Length: %d\r\n\r\n%s", s.request, header, len(s.body), s.body); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusForbidden {
		return res.StatusCode, "" // the body may be an endless stream
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func connect(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hostOf returns the host and port of a server's URL.
func hostOf(srv *devserver.Server) string {
	return strings.TrimSuffix(strings.TrimPrefix(srv.URL(), "ws://"), "/dwp")
}

// TestWebPagesAreKeptOut sends what the pages of a browser can send, and what other programs do, to
// a listener on loopback. ADDR is the listener's address.
func TestWebPagesAreKeptOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header  string
		only    []surface // all by default
		refused string    // a part of the reason, empty if the request is served
	}{
		"a program":                            {"Host: ADDR\r\n", nil, ""},
		"a page of the server's own origin":    {"Host: ADDR\r\nOrigin: http://ADDR\r\n", nil, ""},
		"a page of a foreign origin":           {"Host: ADDR\r\nOrigin: https://page.example\r\n", nil, `"https://page.example"`},
		"a page on another loopback port":      {"Host: ADDR\r\nOrigin: http://127.0.0.1:1\r\n", nil, "WithOrigins"},
		"a page on another name of loopback":   {"Host: ADDR\r\nOrigin: http://localhost:1\r\n", nil, "WithOrigins"},
		"a page without a port":                {"Host: ADDR\r\nOrigin: http://127.0.0.1\r\n", nil, "WithOrigins"},
		"a page without an origin":             {"Host: ADDR\r\nOrigin: null\r\n", nil, `"null"`},
		"an empty origin":                      {"Host: ADDR\r\nOrigin:\r\n", nil, `""`},
		"no origin at all":                     {"Host: ADDR\r\nOrigin: page\r\n", nil, `"page"`},
		"two origins":                          {"Host: ADDR\r\nOrigin: http://ADDR\r\nOrigin: http://page.example\r\n", nil, "page.example"},
		"a page that is allowed":               {"Host: ADDR\r\nOrigin: http://localhost:3000\r\n", nil, ""},
		"a page that is allowed, by case":      {"Host: ADDR\r\nOrigin: HTTPS://App.Example:443\r\n", nil, ""},
		"a page of an allowed host by http":    {"Host: ADDR\r\nOrigin: http://app.example\r\n", nil, "WithOrigins"},
		"a rebound name":                       {"Host: page.example:8080\r\n", []surface{rpcSurface, sseSurface}, `"page.example:8080"`},
		"a rebound name and its page":          {"Host: page.example\r\nOrigin: http://page.example\r\n", nil, `"page.example"`},
		"a rebound name and an allowed page":   {"Host: page.example\r\nOrigin: http://localhost:3000\r\n", nil, `"page.example"`},
		"a rebound address and its page":       {"Host: 192.0.2.7\r\nOrigin: http://192.0.2.7\r\n", nil, `"192.0.2.7"`},
		"a name that only looks like loopback": {"Host: localhost.example\r\n", []surface{rpcSurface, sseSurface}, "localhost.example"},
		"a program that uses another name":     {"Host: page.example:8080\r\n", []surface{socketSurface}, ""},
		"localhost":                            {"Host: localhost\r\nOrigin: http://localhost:80\r\n", nil, ""},
		"LOCALHOST with a dot and a port":      {"Host: LOCALHOST.:8080\r\n", nil, ""},
		"127.0.0.1":                            {"Host: 127.0.0.1\r\n", nil, ""},
		"127.1.2.3 and a port":                 {"Host: 127.1.2.3:99\r\nOrigin: https://127.1.2.3:99\r\n", nil, ""},
		"[::1]":                                {"Host: [::1]\r\nOrigin: http://[::1]\r\n", nil, ""},
		"[::1] and a port":                     {"Host: [::1]:8080\r\nOrigin: http://[::1]:8080\r\n", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(t, devserver.WithOrigins("http://localhost:3000", "https://app.example/"))
			header := strings.ReplaceAll(test.header, "ADDR", hostOf(srv))
			if test.only == nil {
				test.only = surfaces
			}
			served := 0
			for _, s := range test.only {
				status, reason := s.answer(t, connect(t, hostOf(srv)), header)
				want := s.served
				if test.refused != "" {
					want = http.StatusForbidden
				} else if s.body != "" {
					served++
				}
				if status != want || !strings.Contains(reason, test.refused) {
					t.Errorf("%s: status %d, %q; want %d and %q", s.name, status, reason, want, test.refused)
				}
			}
			if n := len(srv.Journal()); n != served {
				t.Errorf("%d jobs were enqueued, want %d", n, served)
			}
		})
	}
}

// TestPagesWithoutAnOriginCanBeAllowed is about pages of files and sandboxes.
func TestPagesWithoutAnOriginCanBeAllowed(t *testing.T) {
	t.Parallel()
	srv := start(t, devserver.WithOrigins("null"))
	for _, s := range surfaces {
		if status, reason := s.answer(t, connect(t, hostOf(srv)), "Host: localhost\r\nOrigin: null\r\n"); status != s.served {
			t.Errorf("%s: status %d, %s", s.name, status, reason)
		}
	}
}

// TestOnlyOriginsCountElsewhere is about listeners whose names the server cannot know.
func TestOnlyOriginsCountElsewhere(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, dial func() net.Conn) {
		t.Helper()
		for _, s := range surfaces {
			for header, want := range map[string]int{
				"Host: dev.example\r\n":                                      s.served,
				"Host: dev.example\r\nOrigin: http://dev.example\r\n":        s.served,
				"Host: dev.example\r\nOrigin: https://dev.example:443\r\n":   s.served,
				"Host: dev.example:8\r\nOrigin: http://dev.example:8\r\n":    s.served,
				"Host: dev.example\r\nOrigin: http://page.example\r\n":       http.StatusForbidden,
				"Host: dev.example\r\nOrigin: http://dev.example:8080\r\n":   http.StatusForbidden,
				"Host: dev.example:80\r\nOrigin: https://dev.example\r\n":    http.StatusForbidden,
				"Host: dev.example\r\nOrigin: null\r\n":                      http.StatusForbidden,
				"Host: dev.example:443\r\nOrigin: https://dev.example/x\r\n": http.StatusForbidden,
			} {
				if status, reason := s.answer(t, dial(), header); status != want {
					t.Errorf("%s with %q: status %d, %s; want %d", s.name, header, status, reason, want)
				}
			}
		}
	}
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		l := serveInMemory(t, devserver.New())
		check(t, func() net.Conn {
			c, err := l.Dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			return c
		})
	})
	t.Run("a listener of the user's", func(t *testing.T) {
		t.Parallel()
		srv := devserver.New()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(l) }()
		t.Cleanup(func() {
			srv.Close()
			if err := <-served; err != nil {
				t.Errorf("Serve: %v", err)
			}
		})
		check(t, func() net.Conn { return connect(t, l.Addr().String()) })
	})
	t.Run("a server of the user's", func(t *testing.T) {
		t.Parallel()
		srv := devserver.New()
		web := httptest.NewServer(srv)
		t.Cleanup(web.Close)
		t.Cleanup(func() { srv.Close() }) // before the one above
		check(t, func() net.Conn { return connect(t, web.Listener.Addr().String()) })
	})
}

// TestARefusedPageIsNoConnection has the check come before everything else.
func TestARefusedPageIsNoConnection(t *testing.T) {
	t.Parallel()
	srv := start(t)
	for _, s := range surfaces {
		if status, _ := s.answer(t, connect(t, hostOf(srv)), "Host: localhost\r\nOrigin: http://page.example\r\n"); status != http.StatusForbidden {
			t.Errorf("%s: status %d", s.name, status)
		}
	}
	conns := make(chan int, 1)
	srv.HandleJob("x", func(context.Context, devserver.Job) error { return nil })
	c, err := client.DialContext(t.Context(), srv.URL(), client.WithToken(devserver.DefaultToken))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Enqueue(t.Context(), "x", nil); err != nil {
		t.Fatal(err)
	}
	for _, done := range srv.Journal() {
		conns <- done.Conn
	}
	if n := <-conns; n != 1 {
		t.Errorf("the client has connection %d, want the first", n)
	}
}
