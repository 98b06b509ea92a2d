package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// parseURL reads the URL of a server. Its errors quote of it no more than what legible leaves.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	ours := err == nil && (u.Scheme == "ws" || u.Scheme == "wss")
	switch {
	case !ours && !strings.Contains(raw, "://"):
		return nil, fmt.Errorf("dispatch: the URL%s has no scheme: write wss:// before the host, or ws:// if the server has no TLS", legible(raw))
	case err != nil:
		return nil, errors.New("dispatch: the URL does not parse")
	case !ours:
		return nil, fmt.Errorf("dispatch: the URL's scheme has to be ws or wss, not %q", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("dispatch: the URL has no host")
	case u.Fragment != "":
		return nil, errors.New("dispatch: a WebSocket URL has no fragment")
	}
	return u, nil
}

// legible is a URL without a scheme for an error, behind a space, without its user, query and
// fragment, in which there may be secrets. It is "" if it cannot be told where these are, or if the
// URL might be a token in the wrong place.
func legible(raw string) string {
	end := strings.IndexAny(raw, "?#")
	if end < 0 {
		end = len(raw)
	}
	at := strings.LastIndex(raw, "@")
	if at > end {
		return ""
	}
	shown := raw[at+1 : end]
	if !strings.ContainsAny(shown, "/:") || strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return " " + shown
}

// redactedURL is the URL without what may be secret in it, for logs.
func (c *config) redactedURL() string { return c.url.Scheme + "://" + c.url.Host + c.url.EscapedPath() }
