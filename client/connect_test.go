package client_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// answerHTTP makes the peer answer the upgrades of connections from the second on with a response.
func answerHTTP(p *peer, from int, response string) {
	p.admit = func(c *peerConn) bool {
		if c.n < from {
			return true
		}
		buf := make([]byte, 4096)
		for n := 0; !bytes.Contains(buf[:n], []byte("\r\n\r\n")); {
			m, err := c.Read(buf[n:])
			if err != nil {
				return false
			}
			n += m
		}
		io.WriteString(c, response)
		return false
	}
}

func TestUpgradeStatuses(t *testing.T) {
	// in a bubble's first minutes
	at := "HTTP/1.1 503 Busy\r\nRetry-After: Sat, 01 Jan 2000 00:01:40 GMT\r\nContent-Length: 0\r\n\r\n"
	for name, test := range map[string]struct {
		response string
		fatal    bool
		delay    time.Duration // before each attempt; the back-off is one second
	}{
		"401":             {"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", true, 0},
		"403":             {"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", true, 0},
		"404":             {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", false, time.Second},
		"429 Retry-After": {"HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", false, 7 * time.Second},
		"429":             {"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", false, time.Second},
		"500 Retry-After": {"HTTP/1.1 500 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", false, time.Second},
		"503 date":        {at, false, 0},
		"503 silly":       {"HTTP/1.1 503 No\r\nRetry-After: soon\r\n\r\n", false, time.Second},
		"302":             {"HTTP/1.1 302 No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", false, time.Second},
		"200":             {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, time.Second},
		"garbage":         {"SSH-2.0-OpenSSH\r\n\r\n", false, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				answerHTTP(p, 1, test.response)
				_, err := p.tryDial(t.Context(), format)
				var status *client.StatusError
				if err == nil || errors.As(err, &status) == (name == "garbage") || p.count() != 1 {
					t.Fatalf("the first dial: %v after %d connections", err, p.count())
				}
				if test.fatal != (errors.Is(err, client.ErrUnauthorized) || errors.Is(err, client.ErrForbidden)) {
					t.Errorf("the first dial: %v", err)
				}

				p = newPeer(t)
				answerHTTP(p, 2, test.response)
				c := p.dial(format, every(time.Second))
				p.conn(1).Cut()
				seq := c.Transitions(t.Context())
				if test.fatal {
					<-c.Done()
					if p.count() != 2 || !errors.As(c.Err(), &status) {
						t.Errorf("%v after %d connections", c.Err(), p.count())
					}
					return
				}
				trs := steps(seq, 9)
				if got := trs[2].Delay; test.delay != 0 && got != test.delay {
					t.Errorf("the next attempt after %v, want %v", got, test.delay)
				}
				if test.response == at && trs[2].Time.Add(trs[2].Delay).Sub(time.Date(2000, 1, 1, 0, 1, 40, 0, time.UTC)).Abs() > time.Second {
					t.Errorf("the next attempt at %v", trs[2].Time.Add(trs[2].Delay))
				}
			})
		})
	}
}

func TestServersFormatIsObeyed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.auth = func(c *peerConn, fr *wire.Frame) {
			// whatever was asked for
			c.reply(fr, wire.AuthResult{Format: wire.FormatJSON, SessionID: "s"})
		}
		c := p.dial(format)
		if _, err := c.Stats(t.Context()); err != nil {
			t.Error(err)
		}
		if p.conn(1).format != wire.FormatJSON {
			t.Error("the peer does not speak JSON")
		}
	})
}

func TestProtocolMismatchStopsForGood(t *testing.T) {
	for name, answer := range map[string]func(c *peerConn, fr *wire.Frame){
		"format not offered": func(c *peerConn, fr *wire.Frame) { c.reply(fr, map[string]string{"format": "cbor", "session_id": "s"}) },
		"no format":          func(c *peerConn, fr *wire.Frame) { c.reply(fr, map[string]string{"session_id": "s"}) },
		"no data":            func(c *peerConn, fr *wire.Frame) { c.send(&wire.Frame{Type: wire.TypeResponse, CorrelID: fr.ID}) },
		"wrong data":         func(c *peerConn, fr *wire.Frame) { c.reply(fr, 7) },
		"no frame":           func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewTextFrame([]byte("hello"))) },
		"broken msgpack":     func(c *peerConn, _ *wire.Frame) { c.raw(ws.NewTextFrame([]byte{0x85, 0xa2, 'i'})) },
		"error without one": func(c *peerConn, fr *wire.Frame) {
			c.send(&wire.Frame{Type: wire.TypeError, CorrelID: fr.ID})
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.auth = answer
				if _, err := p.tryDial(t.Context(), format); !errors.Is(err, client.ErrProtocolMismatch) || p.count() != 1 {
					t.Errorf("the first dial: %v", err)
				}
				p = newPeer(t)
				p.auth = func(c *peerConn, fr *wire.Frame) {
					if c.n == 1 {
						c.welcome(fr)
					} else {
						answer(c, fr)
					}
				}
				c := p.dial(format)
				p.conn(1).Cut()
				<-c.Done()
				if !errors.Is(c.Err(), client.ErrProtocolMismatch) || p.count() != 2 {
					t.Errorf("later: %v after %d connections", c.Err(), p.count())
				}
			})
		})
	}
	t.Run("msgpack not offered", func(t *testing.T) {
		p := newPeer(t)
		p.auth = func(c *peerConn, fr *wire.Frame) {
			c.format = wire.FormatMsgpack
			c.reply(fr, wire.AuthResult{Format: wire.FormatMsgpack, SessionID: "s"})
		}
		if _, err := p.tryDial(t.Context(), client.WithFormat("json")); !errors.Is(err, client.ErrProtocolMismatch) {
			t.Error(err)
		}
	})
}

func TestAuthRefusedForOtherReasonsIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.auth = func(c *peerConn, fr *wire.Frame) {
			if c.n == 2 {
				c.refuse(fr, 500, "not now")
				return
			}
			c.welcome(fr)
		}
		c := p.dial(format)
		p.conn(1).Cut()
		synctest.Wait()
		if err := c.Ready(t.Context()); err != nil || p.count() != 3 {
			t.Errorf("%v, %d connections", err, p.count())
		}
	})
}

func TestBytesInTheUpgradesSegmentAreRead(t *testing.T) {
	t.Parallel()
	for _, name := range formats {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPeer(t)
				p.admit = func(c *peerConn) bool {
					// The answer to auth and a WebSocket ping go out together with the upgrade
					// response, before auth is read.
					var upgrade bytes.Buffer
					if _, err := ws.Upgrade(struct {
						io.Reader
						io.Writer
					}{c, &upgrade}); err != nil {
						return false
					}
					ping, _ := ws.CompileFrame(ws.NewPingFrame([]byte("early")))
					upgrade.Write(ping)
					c.Write(upgrade.Bytes())
					fr, err := c.next()
					if err != nil {
						return false
					}
					c.onPong = func(payload []byte) {
						if string(payload) == "early" {
							c.event(client.EventCronFired, "", map[string]string{})
						}
					}
					c.welcome(fr)
					for err == nil {
						_, err = c.next()
					}
					return false
				}
				c := p.dial(client.WithFormat(name))
				synctest.Wait()
				if c.Counters().UnroutedEvents != 1 {
					t.Error("the early ping was not answered")
				}
			})
		})
	}
}

// authServer upgrades HTTP requests and serves politely; headers gets what the upgrade brought.
func authServer(t *testing.T, headers chan<- http.Header) http.Handler {
	p := newPeer(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header.Clone()
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		inner, err := p.l.Dial(context.Background(), "", "")
		if err != nil {
			t.Error(err)
			return
		}
		defer inner.Close()
		if _, _, _, err := upgradeOn(inner); err != nil {
			t.Error(err)
			return
		}
		go io.Copy(inner, conn)
		io.Copy(conn, inner)
	})
}

// upgradeOn performs a client's upgrade on a connection.
func upgradeOn(conn net.Conn) (net.Conn, any, ws.Handshake, error) {
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	c, br, hs, err := d.Dial(context.Background(), "ws://peer.test/")
	return c, br, hs, err
}

func TestTLSConfigAndHeaderAreUsed(t *testing.T) {
	t.Parallel()
	headers := make(chan http.Header, 2)
	srv := httptest.NewUnstartedServer(authServer(t, headers))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	srv.StartTLS()
	defer srv.Close()
	url := "wss" + strings.TrimPrefix(srv.URL, "https") + "/dwp"
	if _, err := client.DialContext(t.Context(), url); err == nil {
		t.Fatal("a certificate that nobody vouches for was accepted")
	}
	conf := &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, NextProtos: []string{"h2"}}
	header := http.Header{"X-Tenant": {"a", "b"}}
	c, err := client.DialContext(t.Context(), url, client.WithTLSConfig(conf), client.WithHeader(header))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if diff := cmp.Diff([]string{"a", "b"}, (<-headers)["X-Tenant"]); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Enqueue(t.Context(), "n", strings.Repeat("x", 1<<20)); err != nil {
		t.Error(err)
	}
	if conf.ServerName != "" {
		t.Error("the caller's configuration was changed")
	}
}

func TestDialContextTakesAnyConn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(authServer(t, make(chan http.Header, 1)))
	srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	defer srv.Close()
	addrs := make(chan string, 1)
	c, err := client.DialContext(t.Context(), "ws://dispatch/dwp", client.WithDialContext(
		func(ctx context.Context, _, addr string) (net.Conn, error) {
			addrs <- addr
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if addr := <-addrs; addr != "dispatch:80" {
		t.Errorf("dialled %s", addr)
	}
	if _, err := c.Stats(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBadOptionIsAnErrorOfDialContext(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]client.Option{
		"WithFormat":                client.WithFormat("cbor"),
		"WithTokenSource":           client.WithTokenSource(nil),
		"WithBackoff":               client.WithBackoff(nil),
		"WithDialContext":           client.WithDialContext(nil),
		"WithHeader":                client.WithHeader(http.Header{"Sec-WebSocket-Key": {"x"}}),
		"WithHeader: bad":           client.WithHeader(http.Header{"X": {"a\r\nY: b"}}),
		"WithLanes":                 client.WithLanes(0),
		"WithCredits":               client.WithCredits(0),
		"WithLimits: MessageBytes":  client.WithLimits(client.Limits{MessageBytes: -1}),
		"WithLimits: Depth":         client.WithLimits(client.Limits{Depth: 15}),
		"WithLimits: WaitingCalls":  client.WithLimits(client.Limits{WaitingCalls: -1}),
		"WithLimits: InFlightCalls": client.WithLimits(client.Limits{InFlightCalls: -1}),
		"WithLimits: PendingBytes":  client.WithLimits(client.Limits{PendingBytes: 1023}),
		"WithLimits: Subscriptions": client.WithLimits(client.Limits{Subscriptions: -1}),
		"WithConnectTimeout":        client.WithConnectTimeout(0),
		"WithCallTimeout":           client.WithCallTimeout(-1),
		"WithTokenRetries":          client.WithTokenRetries(1),
		"WithExpiringTokenSource":   client.WithExpiringTokenSource(nil),
		"WithWriteTimeout":          client.WithWriteTimeout(-time.Second),
		"WithKeepAlive":             client.WithKeepAlive(time.Minute, time.Second),
		"option 1 is nil":           nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dialled := false
			opts := []client.Option{opt}
			if name != "WithDialContext" {
				opts = append(opts, client.WithDialContext(func(context.Context, string, string) (net.Conn, error) {
					dialled = true
					return nil, errTest
				}))
			}
			_, err := client.DialContext(t.Context(), "ws://peer.test", opts...)
			if err == nil || !strings.Contains(err.Error(), name) || dialled {
				t.Errorf("%v, dialled %v", err, dialled)
			}
		})
	}
}
