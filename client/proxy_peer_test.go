package client_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// proxy is an HTTP proxy on loopback that connects to wherever it is asked to, or does what a
// script says. It is over real sockets, because that is where proxies are used.
type proxy struct {
	t      *testing.T
	l      net.Listener
	secure bool
	cert   *x509.Certificate
	serve  sync.WaitGroup

	mu     sync.Mutex
	script script // nil to connect
	asked  []*http.Request
	conns  []net.Conn
}

// script takes over a connection whose request was read.
type script func(conn net.Conn, r *bufio.Reader, req *http.Request)

func newProxy(t *testing.T, secure bool) *proxy {
	p := &proxy{t: t, secure: secure}
	var err error
	if p.l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if secure {
		model := httptest.NewUnstartedServer(nil)
		model.StartTLS()
		model.Close()
		p.cert = model.Certificate()
		p.l = tls.NewListener(p.l, &tls.Config{Certificates: model.TLS.Certificates})
	}
	p.serve.Go(p.accept)
	t.Cleanup(func() {
		p.l.Close()
		p.mu.Lock()
		for _, conn := range p.conns {
			conn.Close()
		}
		p.mu.Unlock()
		p.serve.Wait()
	})
	return p
}

func (p *proxy) accept() {
	for {
		conn, err := p.l.Accept()
		if err != nil {
			return
		}
		p.keep(conn)
		p.serve.Go(func() {
			defer conn.Close()
			p.handle(conn)
		})
	}
}

// keep has a connection closed with the test.
func (p *proxy) keep(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, conn)
}

func (p *proxy) handle(conn net.Conn) {
	r := bufio.NewReader(conn)
	req, err := http.ReadRequest(r)
	if err != nil {
		return // such as a client that does not trust the certificate
	}
	p.mu.Lock()
	p.asked = append(p.asked, req)
	script := p.script
	p.mu.Unlock()
	if script != nil {
		script(conn, r, req)
		return
	}
	io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	relay(conn, r, p.connect(req))
}

// connect connects to where a request wants to.
func (p *proxy) connect(req *http.Request) net.Conn {
	server, err := net.Dial("tcp", req.Host) //nolint:gosec // it is what a proxy does
	if err != nil {
		p.t.Errorf("the proxy was asked for %s: %v", req.Host, err)
		server, _ = net.Pipe()
		server.Close()
	}
	p.keep(server)
	return server
}

// relay copies in both directions until one ends.
func relay(conn net.Conn, r io.Reader, server net.Conn) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(server, r)
		server.Close()
	}()
	io.Copy(conn, server)
	conn.Close()
	<-done
}

// requests returns what the proxy was asked.
func (p *proxy) requests() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*http.Request(nil), p.asked...)
}

// url returns the proxy's URL, with a user if it is not nil.
func (p *proxy) url(user *url.Userinfo) *url.URL {
	u := &url.URL{Scheme: "http", Host: p.l.Addr().String(), User: user}
	if p.secure {
		u.Scheme = "https"
	}
	return u
}

// through makes a client use the proxy.
func (p *proxy) through(user *url.Userinfo) client.Option {
	return client.WithProxy(http.ProxyURL(p.url(user)))
}

// does makes the proxy follow a script.
func (p *proxy) does(script script) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.script = script
}

// answering makes the proxy answer with a text and close.
func (p *proxy) answering(answer string) {
	p.does(func(conn net.Conn, _ *bufio.Reader, _ *http.Request) { io.WriteString(conn, answer) })
}

// proxied starts a server to be reached through a proxy. It returns its URL, its certificate if it
// has TLS, and the headers of its upgrade requests.
func proxied(t *testing.T, secure bool) (wsURL string, cert *x509.Certificate, headers chan http.Header) {
	dispatch := devserver.New()
	dispatch.HandleWorkflow("order-pipeline", nothing)
	headers = make(chan http.Header, 8)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header.Clone()
		dispatch.ServeHTTP(w, r)
	}))
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(func() {
		dispatch.Close()
		srv.Close()
	})
	return strings.Replace(srv.URL, "http", "ws", 1) + "/dwp", srv.Certificate(), headers
}

// trusting is a TLS configuration that trusts certificates; nil ones are left out.
func trusting(certs ...*x509.Certificate) *tls.Config {
	roots := x509.NewCertPool()
	for _, cert := range certs {
		if cert != nil {
			roots.AddCert(cert)
		}
	}
	return &tls.Config{RootCAs: roots}
}
