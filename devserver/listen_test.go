package devserver_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/devserver"
)

func TestListeningBeyondLoopbackTakesATokenOfItsOwn(t *testing.T) {
	t.Parallel()
	own := devserver.WithToken("a secret", devserver.Identity{})
	for name, test := range map[string]struct {
		addr string
		opts []devserver.Option
		want string // a part of the error, empty for none
	}{
		"loopback":                        {"127.0.0.1:0", nil, ""},
		"everywhere":                      {":0", nil, "WithToken"},
		"everywhere, IPv4":                {"0.0.0.0:0", nil, "WithToken"},
		"everywhere with the token given": {":0", []devserver.Option{own, devserver.WithToken(devserver.DefaultToken, devserver.Identity{})}, "WithToken"},
		"everywhere with another token":   {":0", []devserver.Option{own}, ""},
		"an origin with a path":           {"127.0.0.1:0", []devserver.Option{devserver.WithOrigins("http://app.example/page")}, "WithOrigins"},
		"an origin without a scheme":      {"127.0.0.1:0", []devserver.Option{devserver.WithOrigins("localhost:3000")}, `"localhost:3000"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listened := devserver.New(test.opts...)
			defer listened.Close()
			serving := devserver.New(test.opts...)
			l, err := net.Listen("tcp", test.addr)
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- serving.Serve(l) }()
			listening := listened.Listen(test.addr)
			if listening == nil {
				serving.Close() // else Serve returns by itself
			}
			for call, err := range map[string]error{"Listen": listening, "Serve": <-served} {
				if test.want == "" {
					if err != nil && (call != "Serve" || !errors.Is(err, devserver.ErrClosed)) {
						t.Errorf("%s: %v", call, err)
					}
				} else if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: %v, want one that names %s", call, err, test.want)
				}
			}
			serving.Close()
			if test.want != "" {
				if err := l.Close(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("the listener is still open: %v", err)
				}
			}
		})
	}
}

// TestHeadersThatDoNotEndAreNotWaitedFor has a peer that stops in the middle of its request.
func TestHeadersThatDoNotEndAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := serveInMemory(t, devserver.New())
		c, err := l.Dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET /dwp HTTP/1.1\r\nHost: x\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := c.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("the server did not end the connection: %v", err)
		}
	})
}
