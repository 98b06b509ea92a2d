package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// ProxyError is the failure of a proxy to connect to the server: it was not reached, refused, or
// did not speak HTTP. See [WithProxy]. A proxy's refusal says nothing about the token, so the
// client tries again with back-off, and the error matches neither [ErrUnauthorized] nor
// [ErrForbidden].
type ProxyError struct {
	Proxy  string // the proxy's host and port; empty if there was an error before they were known
	Status int    // the HTTP status with which the proxy refused; 0 if it did not answer with one
	Err    error  // what went wrong; nil if Status says it

	user bool // its URL has a user
	tls  bool // its URL begins with https
}

func (e *ProxyError) Error() string {
	switch {
	case e.Status != 0:
		return fmt.Sprintf("dispatch: proxy %s refused to connect: %d %s", e.Proxy, e.Status, http.StatusText(e.Status))
	case e.Proxy == "":
		return "dispatch: proxy: " + strip(e.Err)
	}
	return fmt.Sprintf("dispatch: proxy %s: %s", e.Proxy, strip(e.Err))
}

func (e *ProxyError) Unwrap() error { return e.Err }

// errProxyURL is the kind of error of a proxy's URL that cannot be used.
var errProxyURL = errors.New("the URL of the proxy")

// proxyOf returns the URL of the proxy for an endpoint, or nil for none. It calls a user's
// function.
func (c *config) proxyOf(ctx context.Context, e *endpoint) (*url.URL, error) {
	if c.proxy == nil {
		return nil, nil //nolint:nilnil // as functions of proxies do
	}
	u := &url.URL{Scheme: "http", Host: e.url.Host, Path: e.url.Path, RawPath: e.url.RawPath}
	if e.url.Scheme == "wss" {
		u.Scheme = "https"
	}
	req := &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: make(http.Header), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	proxy, err := c.proxy(req.WithContext(ctx))
	switch {
	case err != nil:
		if quoting, ok := errors.AsType[*url.Error](err); ok {
			err = quoting.Err // without the URL, which may contain a password
		}
		return nil, &ProxyError{Err: err}
	case proxy == nil:
		return nil, nil //nolint:nilnil // as functions of proxies do
	case proxy.Scheme != "http" && proxy.Scheme != "https":
		return nil, &ProxyError{Err: fmt.Errorf("%w has the scheme %q, which has to be http or https (see WithDialContext for other kinds)", errProxyURL, proxy.Scheme)}
	case proxy.Hostname() == "":
		return nil, &ProxyError{Err: fmt.Errorf("%w has no host", errProxyURL)}
	}
	return proxy, nil
}

// proxyAddr returns the host and port of a proxy.
func proxyAddr(proxy *url.URL) string {
	port := proxy.Port()
	switch {
	case port != "":
	case proxy.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(proxy.Hostname(), port)
}

// proxyFailed returns the error of a proxy.
func proxyFailed(proxy *url.URL, status int, err error) *ProxyError {
	return &ProxyError{Proxy: proxyAddr(proxy), Status: status, Err: err, user: proxy.User != nil, tls: proxy.Scheme == "https"}
}

// proxySecrets returns what no error may quote of a proxy's URL. A user without a password may be a
// token.
func proxySecrets(proxy *url.URL) []string {
	if proxy == nil || proxy.User == nil {
		return nil
	}
	secret, ok := proxy.User.Password()
	if !ok {
		secret = proxy.User.Username()
	}
	return []string{secret, credentials(proxy.User)}
}

// credentials returns the credentials of Basic authentication.
func credentials(user *url.Userinfo) string {
	password, _ := user.Password()
	return base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
}
