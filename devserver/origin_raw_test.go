package devserver_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

// TestOddRequestsKeepPagesOutToo sends whole requests that a check of headers could take wrongly,
// to a listener on loopback. ADDR is the listener's address; the requests that are let in say that
// they are.
func TestOddRequestsKeepPagesOutToo(t *testing.T) {
	t.Parallel()
	const upgrade, sse = websocketHeader + "\r\n", "/dwp/sse?channel=jobs&token=dk_live_abc123"
	srv := start(t)
	for request, want := range map[string]int{
		// The target names another host than the Host header; it counts, as RFC 9112 says.
		"GET http://page.example/dwp HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://page.example\r\n" + upgrade: 403,
		"GET http://page.example" + sse + " HTTP/1.1\r\nHost: ADDR\r\n\r\n":                               403,
		"GET http://ADDR/dwp HTTP/1.1\r\nHost: page.example\r\nOrigin: http://page.example\r\n" + upgrade: 403,
		"GET http://ADDR/dwp HTTP/1.1\r\nHost: page.example\r\nOrigin: http://ADDR\r\n" + upgrade:         101,
		// No host at all.
		"GET " + sse + " HTTP/1.0\r\n\r\n":                         403,
		"GET /dwp HTTP/1.0\r\nOrigin: http://\r\n" + upgrade:       403,
		"GET " + sse + " HTTP/1.1\r\nHost:\r\n\r\n":                403,
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                         403,
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\nHost: x\r\n" + upgrade: 400,
		// Hosts and origins that look like the right ones.
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://user@ADDR\r\n" + upgrade:                           403,
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://ADDR@page.example\r\n" + upgrade:                   403,
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://ADDR.page.example\r\n" + upgrade:                   403,
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://ADDR, http://page.example\r\n" + upgrade:           403,
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://ADDR http://page.example\r\n" + upgrade:            403,
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\norigin: http://ADDR\r\nORIGIN: http://page.example\r\n" + upgrade: 403,
		"GET /dwp HTTP/1.1\r\nHost: localhost.:1\r\nOrigin: http://LOCALHOST:1\r\n" + upgrade:                 101,
		"GET " + sse + " HTTP/1.1\r\nHost: 127.0.0.1.page.example\r\n\r\n":                                    403,
		"GET " + sse + " HTTP/1.1\r\nHost: 127.page.example\r\n\r\n":                                          403,
		"GET " + sse + " HTTP/1.1\r\nHost: 127.0.0.1:80:80\r\n\r\n":                                           403,
		"GET " + sse + " HTTP/1.1\r\nHost: 127.1\r\n\r\n":                                                     403,
		"GET " + sse + " HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n":                                                   403,
		"GET " + sse + " HTTP/1.1\r\nHost: [::1]page.example\r\n\r\n":                                         403,
		"GET " + sse + " HTTP/1.1\r\nHost: [::1\r\n\r\n":                                                      403,
		"GET " + sse + " HTTP/1.1\r\nHost: [::ffff:192.0.2.7]\r\n\r\n":                                        403,
		"GET " + sse + " HTTP/1.1\r\nHost: [::ffff:127.0.0.1]:80\r\n\r\n":                                     200,
		// What proxies add says nothing about who asks.
		"GET /dwp HTTP/1.1\r\nHost: page.example\r\nX-Forwarded-Host: ADDR\r\nOrigin: http://ADDR\r\n" + upgrade:         403,
		"GET /dwp HTTP/1.1\r\nHost: ADDR\r\nX-Forwarded-Host: page.example\r\nOrigin: http://page.example\r\n" + upgrade: 403,
		// Other spellings of a path.
		"GET /" + sse + " HTTP/1.1\r\nHost: page.example\r\n\r\n":                       403,
		"GET /dwp/.." + sse + " HTTP/1.1\r\nHost: page.example\r\n\r\n":                 403,
		"GET /dwp/%73se HTTP/1.1\r\nHost: page.example\r\n\r\n":                         403,
		"GET /dwp/sse/?channel=jobs HTTP/1.1\r\nHost: page.example\r\n\r\n":             403,
		"GET /dwp// HTTP/1.1\r\nHost: page.example\r\n\r\n":                             403,
		"GET /dwp/ HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://page.example\r\n" + upgrade: 403,
		// A preflight request is answered without leave.
		"OPTIONS /dwp/rpc HTTP/1.1\r\nHost: ADDR\r\nOrigin: http://page.example\r\nAccess-Control-Request-Method: POST\r\n\r\n": 403,
		"OPTIONS /dwp/rpc HTTP/1.1\r\nHost: ADDR\r\n\r\n":                                                                       405,
	} {
		c := connect(t, hostOf(srv))
		say(t, c, strings.ReplaceAll(request, "ADDR", hostOf(srv)))
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatalf("%q: %v", request, err)
		}
		if res.StatusCode != want || res.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%q: status %d %v, want %d", request, res.StatusCode, res.Header, want)
		}
		c.Close()
	}
}
