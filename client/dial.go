package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gobwas/ws"
)

// maxUpgrade bounds what a server may answer an upgrade with, the TLS handshake included, in bytes.
const maxUpgrade = 1 << 20

var errUpgradeTooLong = fmt.Errorf("the answer to the upgrade is longer than %d bytes", maxUpgrade)

// dialed is a connection that has been upgraded to WebSocket.
type dialed struct {
	conn   net.Conn // with TLS, if there is any
	socket net.Conn // without
	early  []byte   // what came in the upgrade's own segment
}

// dial connects and upgrades. Its errors tell a refusal, *StatusError, from the rest; they name no part of the URL
// but its host.
func (c *config) dialServer(ctx context.Context) (*dialed, error) {
	d := new(dialed)
	refusal := new(StatusError)
	var metered *upgrading
	interrupt := func() bool { return true }
	dialer := ws.Dialer{
		Header:    ws.HandshakeHeaderHTTP(c.upgradeHeader()),
		TLSConfig: c.tlsConfig(),
		NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := detach(ctx, func() (net.Conn, error) { return c.dial(ctx, network, addr) }, discardConn)
			if err != nil {
				return nil, err
			}
			if conn == nil {
				return nil, errors.New("WithDialContext: the function returned no connection")
			}
			d.socket, metered = conn, &upgrading{Conn: conn, left: maxUpgrade}
			interrupt = closeAfter(ctx, conn)
			return metered, nil
		},
		OnStatusError: func(status int, _ []byte, resp io.Reader) {
			refusal.Status, refusal.RetryAfter = status, retryAfter(status, resp)
		},
	}
	conn, early, _, err := dialer.Dial(ctx, c.url.String())
	if !interrupt() {
		err = ctx.Err()
	}
	switch {
	case refusal.Status != 0:
		return nil, refusal
	case err != nil:
		if d.socket != nil {
			d.socket.Close()
		}
		return nil, fmt.Errorf("dispatch: dial %s: %w", c.url.Host, unquoted(err))
	}
	metered.left = math.MaxInt
	if d.conn = conn; conn == net.Conn(metered) {
		d.conn = d.socket
	}
	if early != nil {
		d.early, _ = early.Peek(early.Buffered())
		d.early = append([]byte(nil), d.early...)
		ws.PutReader(early)
	}
	return d, nil
}

// upgrading is a connection during its upgrade: nobody else bounds what a peer may send then.
type upgrading struct {
	net.Conn
	left int // bytes that may still be read
}

func (u *upgrading) Read(b []byte) (int, error) {
	if u.left == 0 {
		return 0, errUpgradeTooLong
	}
	n, err := u.Conn.Read(b[:min(len(b), u.left)])
	u.left -= n
	return n, err
}

// closeAfter closes a connection when ctx ends, unless stopped before: a user's need not know deadlines.
func closeAfter(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.Close() })
}

// upgradeHeader is the user's header and the URL's user as Authorization, unless the header has its own.
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
	conf.NextProtos = []string{"http/1.1"} // the upgrade exists in no later version
	return conf
}

// unquoted drops the URL that a *url.Error quotes.
func unquoted(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// retryAfter reads the header of that name from a response, if the status makes it count.
func retryAfter(status int, resp io.Reader) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	r, err := http.ReadResponse(bufio.NewReader(io.LimitReader(resp, 64<<10)), nil)
	if err != nil {
		return 0
	}
	defer r.Body.Close()
	value := r.Header.Get("Retry-After")
	delay := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		delay = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		delay = time.Until(at)
	}
	return min(max(delay, 0), retryAfterMost)
}

// detach runs a user's function on a goroutine of its own, so that one that ignores its ctx holds up nobody. What it
// returns after ctx has ended is discarded.
func detach[T any](ctx context.Context, f func() (T, error), discard func(T)) (T, error) {
	type result struct {
		v   T
		err error
	}
	results := make(chan result)
	go func() {
		v, err := f()
		select {
		case results <- result{v, err}:
		case <-ctx.Done():
			if err == nil {
				discard(v)
			}
		}
	}()
	select {
	case r := <-results:
		return r.v, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func discardConn(c net.Conn) {
	if c != nil {
		c.Close()
	}
}
