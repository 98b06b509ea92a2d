package client_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/memnet"
)

func TestURLUserIsSentAsBasicAuthorization(t *testing.T) {
	t.Parallel()
	bearer := client.WithHeader(http.Header{"Authorization": {"Bearer b"}})
	for name, test := range map[string]struct {
		user string
		opts []client.Option
		want []string
	}{
		"neither":       {"", nil, nil},
		"user":          {"u:p%40ss@", nil, []string{"Basic dTpwQHNz"}},
		"no password":   {"u@", nil, []string{"Basic dTo="}},
		"header":        {"", []client.Option{bearer}, []string{"Bearer b"}},
		"both":          {"u:p@", []client.Option{bearer}, []string{"Bearer b"}},
		"other headers": {"u:p@", []client.Option{client.WithHeader(http.Header{"X": {"y"}})}, []string{"Basic dTpw"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			got := make(chan []string, 1)
			p.admit = func(c *peerConn) bool {
				req, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					t.Error(err)
					close(got)
					return false
				}
				got <- req.Header["Authorization"]
				return false
			}
			if _, err := client.DialContext(t.Context(), "ws://"+test.user+"peer.test/dwp", append(test.opts, client.WithDialContext(p.l.Dial))...); err == nil {
				t.Error("dialled a peer that hangs up")
			}
			if diff := cmp.Diff(test.want, <-got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTLSOffersHTTP1Only(t *testing.T) {
	t.Parallel()
	for name, conf := range map[string]*tls.Config{"default": nil, "with h2": {NextProtos: []string{"h2", "http/1.1"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := memnet.Listen(0)
			offered := make(chan []string, 1)
			go func() {
				conn, err := l.Accept()
				if err != nil {
					close(offered)
					return
				}
				defer conn.Close()
				tls.Server(conn, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
					offered <- hello.SupportedProtos
					return nil, errTest
				}}).Handshake()
			}()
			if _, err := client.DialContext(t.Context(), "wss://peer.test/dwp", client.WithTLSConfig(conf), client.WithDialContext(l.Dial)); err == nil {
				t.Error("dialled a peer that hangs up")
			}
			if diff := cmp.Diff([]string{"http/1.1"}, <-offered); diff != "" {
				t.Error(diff)
			}
			l.Close()
		})
	}
}

func TestRetryAfterCountsUpToAnHour(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{
		"3599": 3599 * time.Second, "3601": time.Hour, "4294967295": time.Hour, "99999999999999999999": 0, "-1": 0,
		"Fri, 01 Jan 2100 00:00:00 GMT": time.Hour, "Fri, 01 Jan 1999 00:00:00 GMT": 0,
	} {
		t.Run(after, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				answerHTTP(p, 1, fmt.Sprintf("HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", after))
				_, err := p.tryDial(context.Background(), format)
				var status *client.StatusError
				if !errors.As(err, &status) || status.RetryAfter != want {
					t.Errorf("%+v, want %v", err, want)
				}
			})
		})
	}
}
