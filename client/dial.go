package client

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"

	"github.com/gobwas/ws"
)

// dialed is a connection that has been upgraded to WebSocket.
type dialed struct {
	conn   net.Conn // the TLS connection, or socket without TLS
	socket net.Conn // the connection below TLS
	early  []byte   // bytes that were read with the upgrade's response
}

// dialServer connects and upgrades. It returns a *StatusError if the server answers the upgrade
// with another status. Its errors contain no part of the URL but the host.
func (c *config) dialServer(ctx context.Context, hidden *secrets) (*dialed, error) {
	d := new(dialed)
	var meter *metered
	var answer *upgrading
	interrupt := func() bool { return true }
	dialer := ws.Dialer{
		Header:    ws.HandshakeHeaderHTTP(c.upgradeHeader()),
		TLSConfig: c.tlsConfig(),
		NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := c.dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			if conn == nil {
				return nil, errors.New("WithDialContext: the function returned no connection")
			}
			d.socket, meter = conn, &metered{Conn: conn, left: maxUpgrade}
			interrupt = closeAfter(ctx, conn)
			return meter, nil
		},
		WrapConn: func(conn net.Conn) net.Conn {
			d.conn, answer = conn, newUpgrading(conn)
			return answer
		},
	}
	_, _, _, err := dialer.Dial(ctx, c.url.String())
	var refusal *StatusError
	interrupted := !interrupt()
	switch {
	case answer != nil && errors.As(answer.err, &refusal):
		return nil, refusal
	case interrupted:
		err = ended(ctx)
	}
	if err != nil {
		if d.socket != nil {
			_ = d.socket.Close() // the dial has failed already
		}
		return nil, fmt.Errorf("dispatch: dial %s: %w", c.url.Host, hidden.error(unquoted(err)))
	}
	meter.left = math.MaxInt
	if d.conn == net.Conn(meter) {
		d.conn = d.socket
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
func (c *config) upgradeHeader() http.Header {
	h := c.header.Clone()
	if u := c.url.User; u != nil && h.Get("Authorization") == "" {
		if h == nil {
			h = make(http.Header)
		}
		password, _ := u.Password()
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
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
