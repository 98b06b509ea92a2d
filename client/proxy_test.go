package client_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

func nothing(context.Context, *devserver.Run) (any, error) { return nil, nil }

func TestProxyCarriesTheSessionAndItsLanes(t *testing.T) {
	t.Parallel()
	for _, proxyTLS := range []bool{false, true} {
		for _, serverTLS := range []bool{false, true} {
			for _, format := range formats {
				t.Run(fmt.Sprintf("proxy TLS %v, server TLS %v, %s", proxyTLS, serverTLS, format), func(t *testing.T) {
					t.Parallel()
					p := newProxy(t, proxyTLS)
					server, cert, headers := proxied(t, serverTLS)
					c, err := client.DialContext(t.Context(), server, client.WithToken(devserver.DefaultToken), client.WithFormat(format),
						client.WithTLSConfig(trusting(cert, p.cert)), p.through(url.UserPassword("me", "pass:word")),
						client.WithHeader(http.Header{"X-Mine": {"1"}}))
					if err != nil {
						t.Fatal(err)
					}
					defer c.Close()
					if _, err := c.StartWorkflow(t.Context(), "order-pipeline", nil); err != nil {
						t.Fatal(err)
					}
					asked := p.requests()
					if len(asked) != 2 {
						t.Fatalf("%d requests, want one for the session and one for a lane", len(asked))
					}
					for _, req := range asked {
						user, password, _ := (&http.Request{Header: http.Header{"Authorization": req.Header["Proxy-Authorization"]}}).BasicAuth()
						got := []string{req.Method, req.RequestURI, req.Host, user, password, req.Header.Get("X-Mine")}
						host := strings.Split(server, "/")[2]
						if diff := cmp.Diff([]string{http.MethodConnect, host, host, "me", "pass:word", ""}, got); diff != "" {
							t.Error(diff)
						}
						if h := <-headers; h.Get("Proxy-Authorization") != "" || h.Get("X-Mine") != "1" {
							t.Errorf("the server got %v", h)
						}
					}
				})
			}
		}
	}
}

// The relay waits for nothing from the server: its first bytes come with the proxy's answer.
func TestBytesThatComeWithTheProxysAnswerBelongToTheTunnel(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		p := newProxy(t, secure)
		server, _, _ := proxied(t, false)
		p.does(func(conn net.Conn, r *bufio.Reader, req *http.Request) {
			upstream := p.connect(req)
			// an interim answer of the server, and the beginning of the next
			const early = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP"
			io.WriteString(conn, "HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n"+early)
			upgrade, _ := http.ReadRequest(r)
			upgrade.Write(upstream)
			io.CopyN(io.Discard, upstream, int64(len("HTTP")))
			relay(conn, r, upstream)
		})
		c, err := client.DialContext(t.Context(), server, client.WithToken(devserver.DefaultToken), p.through(nil), client.WithTLSConfig(trusting(p.cert)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Stats(t.Context()); err != nil {
			t.Error(err)
		}
		c.Close()
	}
}

func TestProxyThatFailsIsAProxyErrorWithAHint(t *testing.T) {
	t.Parallel()
	const wantsTLS, wantsNone = "must begin with https://", "must begin with http://"
	user := url.UserPassword("me", "password-1")
	for name, test := range map[string]struct {
		answer string
		user   *url.Userinfo
		status int
		help   bool   // whether RetryMayHelp says so
		text   string // in the error
	}{
		"407 without credentials": {"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\n\r\n", nil, 407, false, "needs a user and a password"},
		"407 with credentials":    {"HTTP/1.1 407 X\r\n\r\n", user, 407, false, "does not accept the user"},
		"403":                     {"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nhello", nil, 403, false, "403 Forbidden"},
		"502":                     {"HTTP/1.1 502 No\r\n\r\n", nil, 502, true, "502 Bad Gateway"},
		"429":                     {"HTTP/1.0 429 No\r\n\r\n", nil, 429, true, "429"},
		"400":                     {"HTTP/1.0 400 No\r\n\r\n", nil, 400, false, wantsTLS},
		"a refusal that is cut":   {"HTTP/1.1 502 No\r\nA: b\r\n", nil, 502, true, "502 Bad Gateway"},
		"a consent that is cut":   {"HTTP/1.1 200 OK\r\nA: b\r\n", nil, 0, true, "unexpected EOF"},
		"nothing":                 {"", nil, 0, true, "unexpected EOF"},
		"a TLS alert":             {"\x15\x03\x01\x00\x02\x02\x16\r\n", nil, 0, true, wantsTLS},
		"garbage":                 {strings.Repeat("x", 100) + "\r\n\r\n", nil, 0, true, "not HTTP"},
		"a bad header":            {"HTTP/1.1 200 OK\r\nA b\r\n\r\n", nil, 0, true, "malformed header"},
		"a header without an end": {"HTTP/1.1 200 OK\r\n" + "A: " + strings.Repeat("b", 1<<20), nil, 0, true, "1048576 bytes"},
		"another protocol":        {"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", nil, 0, true, "another protocol"},
		"interim answers":         {strings.Repeat("HTTP/1.1 100 X\r\n\r\n", 20), nil, 0, true, "interim"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, false)
			p.answering(test.answer)
			_, err := client.DialContext(t.Context(), "ws://server.test/dwp", client.WithToken("t"), p.through(test.user))
			failed, ok := errors.AsType[*client.ProxyError](err)
			if !ok {
				t.Fatalf("%v is no *ProxyError", err)
			}
			if failed.Status != test.status || failed.Proxy != p.l.Addr().String() || !strings.Contains(err.Error(), test.text) {
				t.Errorf("%v: status %d, proxy %s; want %d and %q", err, failed.Status, failed.Proxy, test.status, test.text)
			}
			if help := client.RetryMayHelp(err); help != test.help || !client.SafeToRetry(err) {
				t.Errorf("%v may help: %v", err, help)
			}
			if errors.Is(err, client.ErrForbidden) || errors.Is(err, client.ErrBadRequest) {
				t.Errorf("%v is taken for the server's answer", err)
			}
			if strings.Count(err.Error(), "dispatch: ") != 1 {
				t.Errorf("%v does not carry one prefix", err)
			}
		})
	}
	t.Run("HTTP where TLS is expected", func(t *testing.T) {
		t.Parallel()
		p := newProxy(t, false)
		u := p.url(nil)
		u.Scheme = "https"
		p.does(func(conn net.Conn, _ *bufio.Reader, _ *http.Request) {})
		p.l.Close()
		l, err := net.Listen("tcp", u.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
				io.Copy(io.Discard, conn)
				conn.Close()
			}
		}()
		_, err = client.DialContext(t.Context(), "ws://server.test/dwp", client.WithProxy(http.ProxyURL(u)))
		if !errors.As(err, new(tls.RecordHeaderError)) || !strings.Contains(err.Error(), wantsNone) {
			t.Error(err)
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		p := newProxy(t, false)
		p.l.Close()
		_, err := client.DialContext(t.Context(), "ws://server.test/dwp", p.through(nil))
		if !errors.As(err, new(*client.ProxyError)) || !errors.As(err, new(*net.OpError)) || !client.RetryMayHelp(err) {
			t.Error(err)
		}
	})
}

// A body in front of the tunnel is taken for what the server says.
func TestBodyOfAProxysConsentIsNotSkipped(t *testing.T) {
	t.Parallel()
	p := newProxy(t, false)
	p.answering("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhello\r\n")
	_, err := client.DialContext(t.Context(), "ws://server.test/dwp", p.through(nil))
	if err == nil || !strings.Contains(err.Error(), "dial server.test: the answer is not HTTP/1") {
		t.Error(err)
	}
}

func TestProxyThatHangsIsGivenUpWithTheAttempt(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprint("TLS ", secure), func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, false)
			u := p.url(nil)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if secure {
				u.Scheme = "https" // its handshake is answered by nothing
				time.AfterFunc(0, func() { cancel(errTest) })
			}
			p.does(func(conn net.Conn, r *bufio.Reader, _ *http.Request) {
				cancel(errTest)
				io.Copy(io.Discard, r)
			})
			_, err := client.DialContext(ctx, "ws://server.test/dwp", client.WithProxy(http.ProxyURL(u)))
			if !errors.Is(err, context.Canceled) || !errors.Is(err, errTest) || client.RetryMayHelp(err) {
				t.Error(err)
			}
			if !secure && (!errors.As(err, new(*client.ProxyError)) || !strings.Contains(err.Error(), "proxy "+u.Host)) {
				t.Errorf("%v does not name the proxy", err)
			}
		})
	}
}

func TestProxysCredentialsAreDisclosedNowhere(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]*url.Userinfo{
		"a password": url.UserPassword("me", "pr0xy-s3cret"), "a user alone": url.User("pr0xy-s3cret"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, false)
			server, _, _ := proxied(t, false)
			var refuse atomic.Bool
			p.does(func(conn net.Conn, r *bufio.Reader, req *http.Request) {
				auth := req.Header.Get("Proxy-Authorization")
				if refuse.Swap(true) {
					fmt.Fprintf(conn, "HTTP/1.1 407 %s\r\nX: pr0xy-s3cret\r\n\r\n", auth)
					return
				}
				io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
				relay(conn, r, p.connect(req))
			})
			var log bytes.Buffer
			opts := []client.Option{
				client.WithToken(devserver.DefaultToken), p.through(user), every(time.Millisecond),
				client.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
			}
			c, err := client.DialContext(t.Context(), server, opts...)
			if err != nil {
				t.Fatal(err)
			}
			seq := c.Transitions(t.Context())
			p.mu.Lock()
			p.conns[0].Close()
			p.mu.Unlock()
			shown := []any{}
			for tr := range seq {
				shown = append(shown, tr)
				if tr.To == client.StateBackingOff && tr.Attempt > 1 {
					if !errors.As(tr.Cause, new(*client.ProxyError)) {
						t.Errorf("the cause is %v", tr.Cause)
					}
					break
				}
			}
			_, err = client.DialContext(t.Context(), server, opts...)
			shown = append(shown, err)
			c.Close()
			if text := fmt.Sprintf("%+v", shown) + log.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, p.l.Addr().String()) {
				t.Error(text)
			}
		})
	}
	_, bad := url.Parse("http://me:pr0xy-s3cret@ho st") //nolint:staticcheck // it is meant to be invalid
	_, err := client.DialContext(t.Context(), "ws://server.test", client.WithProxy(func(*http.Request) (*url.URL, error) { return nil, bad }))
	if !errors.As(err, new(*client.ProxyError)) || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}

// The proxy plays the server, which quotes what the proxy was sent.
func TestServerThatQuotesTheProxysCredentialsIsRedacted(t *testing.T) {
	t.Parallel()
	p := newProxy(t, false)
	p.does(func(conn net.Conn, r *bufio.Reader, req *http.Request) {
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		rw := struct {
			io.Reader
			io.Writer
		}{r, conn}
		if _, err := ws.Upgrade(rw); err != nil {
			t.Error(err)
			return
		}
		ws.WriteFrame(conn, ws.NewTextFrame(fmt.Appendf(nil,
			`{"id":"1","type":"error","ts":"2026-11-27T05:00:00Z","error":{"code":500,"message":"pr0xy-s3cret, %s"}}`,
			req.Header.Get("Proxy-Authorization"))))
		io.Copy(io.Discard, r)
	})
	user := url.UserPassword("me", "pr0xy-s3cret")
	_, err := client.DialContext(t.Context(), "ws://server.test/dwp", p.through(user))
	if !errors.Is(err, client.ErrInternal) || strings.Count(err.Error(), "[redacted]") != 2 {
		t.Error(err)
	}
}

func TestProxyIsChosenByTheURLThatIsDialled(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"ws://me:pw@server.test/a%2Fb?token=x": "http://server.test/a%2Fb",
		"wss://server.test:8443":               "https://server.test:8443",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, err := client.DialContext(ctx, raw, client.WithProxy(func(req *http.Request) (*url.URL, error) {
			cancel()
			<-req.Context().Done()
			return nil, fmt.Errorf("%w: %s", errTest, req.URL)
		}))
		if errors.Is(err, errTest) && !strings.Contains(err.Error(), want) || !errors.Is(err, errTest) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want %s", raw, err, want)
		}
	}
	for name, u := range map[string]*url.URL{
		"socks5":  {Scheme: "socks5", Host: "127.0.0.1:1080"},
		"no host": {Scheme: "http", Host: ":3128"},
	} {
		_, err := client.DialContext(t.Context(), "ws://server.test", client.WithProxy(http.ProxyURL(u)))
		if !errors.As(err, new(*client.ProxyError)) || client.RetryMayHelp(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProxyAndDialFunctionExcludeEachOther(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	proxy := client.WithProxy(func(*http.Request) (*url.URL, error) { return nil, errTest })
	if _, err := p.tryDial(t.Context(), proxy); err == nil || !strings.Contains(err.Error(), "WithProxy and WithDialContext") {
		t.Error(err)
	}
	if _, err := p.tryDial(t.Context(), client.WithProxy(nil)); err != nil {
		t.Error(err)
	}
}
