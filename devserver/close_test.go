package devserver_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/memnet"
)

// TestCloseWaitsForNoClientOfASideTransport closes a server whose requests come by an HTTP server
// of the user's, which does not close.
func TestCloseWaitsForNoClientOfASideTransport(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		request string
		stall   func(*devserver.Server)
	}{
		"that does not read its events": {
			"GET /dwp/sse?channel=jobs&token=" + devserver.DefaultToken + " HTTP/1.1\r\nHost: x\r\n\r\n",
			func(srv *devserver.Server) {
				for range 16 {
					srv.Publish(client.EventJobStarted, "job:1", strings.Repeat("x", 1<<20))
				}
			},
		},
		"that does not send all of its request": {
			"POST /dwp/rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", func(*devserver.Server) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := devserver.New(devserver.WithSendQueue(0))
				l := memnet.Listen(0)
				web := &http.Server{Handler: srv}
				served := make(chan error, 1)
				go func() { served <- web.Serve(l) }()
				c, err := l.Dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				say(t, c, test.request)
				synctest.Wait()
				test.stall(srv)
				synctest.Wait()
				closed := make(chan error, 1)
				go func() { closed <- srv.Close() }()
				synctest.Wait()
				select {
				case err := <-closed:
					if err != nil {
						t.Error(err)
					}
				default:
					t.Error("Close waits")
				}
				web.Close()
				c.Close()
				<-served
			})
		})
	}
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func TestAClosedServerAnswersThatItIs(t *testing.T) {
	t.Parallel()
	srv := devserver.New()
	srv.Close()
	for _, s := range surfaces {
		method, target, _ := strings.Cut(strings.SplitN(s.request, " HTTP", 2)[0], " ")
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(s.body)))
		if w.Code != http.StatusServiceUnavailable || w.Body.String() != "devserver: server closed\n" {
			t.Errorf("%s: status %d, %q", s.name, w.Code, w.Body)
		}
	}
}
