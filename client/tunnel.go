// This file connects to the server through an HTTP proxy, by CONNECT.

package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
)

// openTunnel asks the proxy at the other end of a connection to connect to the server's address,
// and returns the connection to the server. The caller closes conn when ctx ends.
func (c *config) openTunnel(ctx context.Context, conn net.Conn, proxy *url.URL, addr string) (net.Conn, error) {
	if proxy.Scheme == "https" {
		conf := c.tlsConfig()
		conf.ServerName = proxy.Hostname()
		secure := tls.Client(conn, conf)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, proxyFailed(proxy, 0, err)
		}
		conn = secure
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: addr}, Host: addr, Header: make(http.Header)}
	if proxy.User != nil {
		req.Header.Set("Proxy-Authorization", "Basic "+credentials(proxy.User))
	}
	if err := req.Write(conn); err != nil {
		return nil, proxyFailed(proxy, 0, err)
	}
	r := bufio.NewReader(conn)
	status, err := readConnectAnswer(r)
	switch {
	case err != nil:
		return nil, proxyFailed(proxy, 0, err)
	case status >= http.StatusMultipleChoices:
		return nil, proxyFailed(proxy, status, nil)
	case r.Buffered() == 0:
		return conn, nil
	}
	early, _ := r.Peek(r.Buffered())
	return &preceded{Conn: conn, early: bytes.Clone(early)}, nil
}

// readConnectAnswer reads the final response to CONNECT, but nothing after it, and returns its
// status. Whatever the header of a 2xx says about a body, there is none: the tunnel begins.
func readConnectAnswer(r *bufio.Reader) (status int, err error) {
	tp := textproto.NewReader(r)
	for range maxInterim + 1 {
		head, err := readHead(tp)
		switch {
		case head.status >= http.StatusMultipleChoices:
			return head.status, nil
		case err != nil:
			return 0, err
		case head.status >= http.StatusOK:
			return head.status, nil
		case head.status == http.StatusSwitchingProtocols:
			return 0, errNotTunnel
		}
	}
	return 0, errInterim
}

// preceded is a connection whose first bytes have been read already.
type preceded struct {
	net.Conn
	early []byte
}

func (p *preceded) Read(b []byte) (int, error) {
	if len(p.early) == 0 {
		return p.Conn.Read(b)
	}
	n := copy(b, p.early)
	p.early = p.early[n:]
	return n, nil
}
