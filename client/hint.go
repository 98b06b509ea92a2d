package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// hinted adds a hint to the error of an attempt if the cause is a common mistake.
func (c *config) hinted(err error, token Token, e *endpoint) error {
	if hint := c.hint(err, token, e); hint != "" {
		return fmt.Errorf("%w (hint: %s)", err, hint)
	}
	return err
}

func (c *config) hint(err error, token Token, e *endpoint) string {
	if proxy, ok := errors.AsType[*ProxyError](err); ok {
		return c.proxyHint(proxy)
	}
	var status *StatusError
	answered := errors.As(err, &status)
	var noTLS tls.RecordHeaderError
	switch {
	case isRefusal(err) && token.Value == "" && c.tokenSource != nil:
		return "the function of " + c.tokenOption + " returned an empty token"
	case isRefusal(err) && token.overdue() > 0:
		return fmt.Sprintf("the token expired %v ago, by the clock of this machine", token.overdue().Round(time.Millisecond))
	case isRefusal(err) && token.Value == "" && !c.hasOtherCredentials(e):
		return "there is no token: see WithToken"
	case answered && status.Status == http.StatusNotFound && !strings.HasSuffix(e.url.Path, "/dwp"):
		return "servers serve the protocol at the path /dwp"
	case e.url.Scheme == "ws" && (errors.Is(err, errNotHTTP) || answered && status.Status == http.StatusBadRequest):
		return "if the server uses TLS, the URL must begin with wss://"
	case errors.As(err, &noTLS):
		return "if the server does not use TLS, the URL must begin with ws://"
	}
	return ""
}

// hasOtherCredentials reports whether the URL or the header may contain credentials.
func (c *config) hasOtherCredentials(e *endpoint) bool {
	return e.url.User != nil || e.url.RawQuery != "" || c.header.Get("Authorization") != ""
}

// proxyHint is hint for the error of a proxy. It also says where the proxy comes from if no option
// does.
func (c *config) proxyHint(err *ProxyError) string {
	var noTLS tls.RecordHeaderError
	var hints []string
	switch {
	case err.Status == http.StatusProxyAuthRequired && err.user:
		hints = append(hints, "the proxy does not accept the user and the password in its URL")
	case err.Status == http.StatusProxyAuthRequired:
		hints = append(hints, "the proxy's URL needs a user and a password")
	case err.tls && errors.As(err, &noTLS):
		hints = append(hints, "if the proxy does not use TLS, its URL must begin with http://")
	case !err.tls && (errors.Is(err, errNotHTTP) || err.Status == http.StatusBadRequest):
		hints = append(hints, "if the proxy uses TLS, its URL must begin with https://")
	}
	if !c.proxySet {
		hints = append(hints, "the proxy is from HTTP_PROXY or HTTPS_PROXY in the environment, see WithProxy")
	}
	return strings.Join(hints, "; ")
}
