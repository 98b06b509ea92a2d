package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// parseURL parses the URL of a server. Its errors quote only what legible returns.
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

// legible returns the part of a URL without a scheme that an error may quote, after a space: not
// the user, the query or the fragment, which may contain secrets. It returns "" if these cannot be
// located, or if the URL may be a token passed by mistake.
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

// redactedURL returns a URL without the parts that may be secret, for logs.
func redactedURL(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }
