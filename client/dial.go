package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/gobwas/ws"
)

// dialed is a connection that has been upgraded to WebSocket.
type dialed struct {
	conn   net.Conn // the TLS connection, or socket without TLS
	socket net.Conn // the connection below TLS
	early  []byte   // bytes that were read with the upgrade's response
}

// stage is how far an attempt to connect has come, for the error of one that is given up.
type stage struct {
	endpoint *endpoint
	lane     bool
	proxy    atomic.Pointer[url.URL] // the proxy that is being asked; nil before and after
	dialled  atomic.Bool             // the upgrade has succeeded
}

// failed returns the error of an attempt that ended at this point.
func (at *stage) failed(err error) error {
	if proxy := at.proxy.Load(); proxy != nil {
		return proxyFailed(proxy, 0, err)
	}
	if at.dialled.Load() {
		return fmt.Errorf("dispatch: authenticate: %w", err)
	}
	return fmt.Errorf("dispatch: dial %s: %w", at.endpoint.url.Host, err)
}

// connector connects to the server, through a proxy if there is one.
type connector struct {
	c         *config
	proxy     *url.URL // nil for none
	at        *stage
	socket    net.Conn
	meter     *metered
	interrupt func() bool // stops closing the socket when ctx ends
}

// dial returns a connection to an address on which TLS or HTTP can begin.
func (w *connector) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	hop := addr
	if w.proxy != nil {
		hop = proxyAddr(w.proxy)
		w.at.proxy.Store(w.proxy)
		w.c.logger.Debug("dispatch: connecting through a proxy", "server", w.at.endpoint.name, "proxy", hop)
	}
	conn, err := w.c.dial(ctx, network, hop)
	switch {
	case err != nil && w.proxy != nil:
		return nil, proxyFailed(w.proxy, 0, err)
	case err != nil:
		return nil, err
	case conn == nil:
		return nil, errors.New("WithDialContext: the function returned no connection")
	}
	w.socket, w.meter = conn, &metered{Conn: conn, left: maxUpgrade}
	w.interrupt = closeAfter(ctx, conn)
	if w.proxy == nil {
		return w.meter, nil
	}
	tunnel, err := w.c.openTunnel(ctx, w.meter, w.proxy, addr)
	if err == nil {
		w.at.proxy.Store(nil)
	}
	return tunnel, err
}

// dialServer connects and upgrades. It returns a *StatusError if the server answers the upgrade
// with another status, and a *ProxyError if the proxy fails. Its errors contain no part of the URLs
// but the hosts.
func (c *config) dialServer(ctx context.Context, at *stage, proxy *url.URL, hidden *secrets) (*dialed, error) {
	w := &connector{c: c, proxy: proxy, at: at, interrupt: func() bool { return true }}
	d := new(dialed)
	var answer *upgrading
	dialer := ws.Dialer{
		Header:    ws.HandshakeHeaderHTTP(c.upgradeHeader(at.endpoint)),
		TLSConfig: c.tlsConfig(),
		NetDial:   w.dial,
		WrapConn: func(conn net.Conn) net.Conn {
			d.conn, answer = conn, newUpgrading(conn)
			return answer
		},
	}
	_, _, _, err := dialer.Dial(ctx, at.endpoint.url.String())
	var refusal *StatusError
	interrupted := !w.interrupt()
	switch {
	case answer != nil && errors.As(answer.err, &refusal):
		return nil, refusal
	case interrupted:
		err = ended(ctx)
	}
	if err != nil {
		if w.socket != nil {
			_ = w.socket.Close() // the dial has failed already
		}
		if failed, ok := errors.AsType[*ProxyError](err); ok {
			return nil, hidden.error(failed)
		}
		return nil, at.failed(hidden.error(unquoted(err)))
	}
	w.meter.left = math.MaxInt64
	if d.socket = w.socket; d.conn == net.Conn(w.meter) {
		d.conn = w.socket
	}
	d.early = answer.early()
	return d, nil
}

// closeAfter closes a connection when ctx ends, unless it is stopped first. A user's connection
// need not support deadlines.
func closeAfter(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = conn.Close() })
}

// upgradeHeader returns the header of the upgrade request: the one of WithHeader, with the URL's
// user as Authorization unless the header sets that.
func (c *config) upgradeHeader(e *endpoint) http.Header {
	h := c.header.Clone()
	if u := e.url.User; u != nil && h.Get("Authorization") == "" {
		if h == nil {
			h = make(http.Header)
		}
		h.Set("Authorization", "Basic "+credentials(u))
	}
	return h
}

func (c *config) tlsConfig() *tls.Config {
	conf := c.tls.Clone()
	if conf == nil {
		conf = new(tls.Config)
	}
	conf.NextProtos = []string{"http/1.1"} // HTTP/2 has no Upgrade header
	return conf
}

// unquoted removes the URL that ws.Dialer quotes when it cannot parse it.
func unquoted(err error) error {
	if u, ok := err.(*url.Error); ok && u.Op == "parse" { //nolint:errorlint // it is what ws.Dialer returns
		return u.Err
	}
	return err
}
