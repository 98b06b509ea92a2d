package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// A server that wants a certificate of the client.
func ExampleWithTLSConfig_clientCertificate() {
	authority := newAuthority()
	srv, url := serveTLS(&tls.Config{
		Certificates: []tls.Certificate{authority.certificate("127.0.0.1")},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authority.pool(),
	})
	defer srv.Close()
	mine := authority.certificate("client-1") // such as of tls.LoadX509KeyPair

	c, err := client.DialContext(context.Background(), url,
		client.WithToken(devserver.DefaultToken),
		client.WithTLSConfig(&tls.Config{
			RootCAs:      authority.pool(),
			Certificates: []tls.Certificate{mine},
		}))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.State())
	// Output: ready
}

// Certificates in files that are replaced while the client runs. Each new connection reads them:
// the client's in GetClientCertificate, and the authorities in VerifyConnection, which takes the
// place of the verification with RootCAs.
func ExampleWithTLSConfig_reloaded() {
	dir, err := os.MkdirTemp("", "certificates")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	roots, cert, key := filepath.Join(dir, "roots.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	conf := &tls.Config{
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := tls.LoadX509KeyPair(cert, key)
			return &pair, err
		},
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies
		VerifyConnection: func(state tls.ConnectionState) error {
			pem, err := os.ReadFile(roots)
			if err != nil {
				return err
			}
			opts := x509.VerifyOptions{DNSName: state.ServerName, Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool()}
			if !opts.Roots.AppendCertsFromPEM(pem) {
				return errors.New("no certificate in " + roots)
			}
			for _, c := range state.PeerCertificates[1:] {
				opts.Intermediates.AddCert(c)
			}
			_, err = state.PeerCertificates[0].Verify(opts)
			return err
		},
	}

	// an authority that is replaced, with everything that it has signed
	serving := new(changing)
	first := newAuthority()
	first.write(roots, cert, key)
	serving.set(first)
	srv, url := serveTLS(&tls.Config{GetConfigForClient: serving.config})
	defer srv.Close()
	c, err := client.DialContext(context.Background(), url, client.WithToken(devserver.DefaultToken), client.WithTLSConfig(conf))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	second := newAuthority()
	second.write(roots, cert, key)
	serving.set(second)
	srv.dispatch.Disconnect()
	if _, err := c.Stats(context.Background()); err != nil { // waits for the new connection
		log.Fatal(err)
	}
	fmt.Println(c.Counters().Sessions, "sessions")
	// Output: 2 sessions
}

// tlsServer is a Dispatch server in memory behind TLS.
type tlsServer struct {
	*httptest.Server
	dispatch *devserver.Server
}

func serveTLS(conf *tls.Config) (srv *tlsServer, url string) {
	dispatch := devserver.New()
	srv = &tlsServer{httptest.NewUnstartedServer(dispatch), dispatch}
	srv.TLS = conf
	srv.Config.ErrorLog = log.New(nowhere{}, "", 0)
	srv.StartTLS()
	return srv, strings.Replace(srv.URL, "https", "wss", 1) + "/dwp"
}

func (s *tlsServer) Close() {
	s.dispatch.Close()
	s.Server.Close()
}
