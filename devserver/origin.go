package devserver

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// This file refuses requests of web pages. A browser lets any page open WebSockets and send
// requests to loopback, and a page's own name can resolve to loopback (DNS rebinding). Browsers
// name the page's origin in the Origin header of every WebSocket upgrade and every POST. Other
// programs send none.

// nullOrigin is what browsers send for pages without an origin of their own, such as files and
// sandboxes.
const nullOrigin = "null"

// admit returns an error if a request is refused because of its Origin or Host.
func (c *config) admit(r *http.Request) error {
	origins := r.Header.Values("Origin")
	for _, origin := range origins {
		if !c.origins[canonicalOrigin(origin)] && !sameHost(origin, r.Host) {
			return fmt.Errorf("devserver: the request comes from a page of the origin %q, not of %q; WithOrigins can allow it", origin, r.Host)
		}
	}
	listener, local := r.Context().Value(loopbackKey{}).(string)
	upgrade := strings.TrimSuffix(r.URL.Path, "/") == "/dwp"
	if !local || upgrade && len(origins) == 0 {
		return nil
	}
	if host, _ := splitHost(r.Host); host != listener && !isLoopback(host) {
		return fmt.Errorf("devserver: the host %q is neither loopback nor the listener's", r.Host)
	}
	return nil
}

// loopbackKey is the context key of requests to a loopback listener that Listen opened. The value
// is the host in Listen's address.
type loopbackKey struct{}

// namedListener is a listener that Listen opened.
type namedListener struct {
	net.Listener
	host string
}

// baseContext returns the context of all requests to a listener.
func baseContext(l net.Listener) context.Context {
	ctx := context.Background()
	if named, ok := l.(namedListener); ok && !isPublic(l) {
		ctx = context.WithValue(ctx, loopbackKey{}, named.host)
	}
	return ctx
}

// isPublic reports whether other machines can reach a listener, as far as its address says.
func isPublic(l net.Listener) bool {
	addr, ok := l.Addr().(*net.TCPAddr)
	return ok && !addr.IP.IsLoopback()
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// sameHost reports whether a page of an origin came from a host and port.
func sameHost(origin, hostPort string) bool {
	u, err := parseOrigin(origin)
	if err != nil {
		return false
	}
	host, port := splitHost(hostPort)
	originHost, originPort := splitHost(u.Host)
	return host == originHost && withDefault(port, u.Scheme) == withDefault(originPort, u.Scheme)
}

// canonicalOrigin returns one spelling for equal origins.
func canonicalOrigin(origin string) string {
	u, err := parseOrigin(origin)
	if err != nil {
		return origin
	}
	host, port := splitHost(u.Host)
	return u.Scheme + "://" + net.JoinHostPort(host, withDefault(port, u.Scheme))
}

// parseOrigin parses an Origin header other than null: a scheme, a host and optionally a port.
func parseOrigin(origin string) (*url.URL, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	if bare := (url.URL{Scheme: u.Scheme, Host: u.Host}); u.Scheme == "" || u.Hostname() == "" || *u != bare {
		return nil, fmt.Errorf("%q is not an origin such as http://localhost:3000", origin)
	}
	return u, nil
}

// splitHost splits host:port or a host alone. It returns one spelling for equal hosts, without the
// brackets of IPv6.
func splitHost(hostPort string) (host, port string) {
	u := url.URL{Host: hostPort}
	return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), u.Port()
}

func withDefault(port, scheme string) string {
	switch {
	case port != "":
		return port
	case scheme == "https":
		return "443"
	}
	return "80"
}
