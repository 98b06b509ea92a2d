package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// authority signs the certificates of the examples.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority() *authority {
	a := new(authority)
	a.cert, a.key = sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil)
	return a
}

// sign makes a key and its certificate, which it signs itself without an authority.
func sign(template *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if by == nil {
		by = &authority{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, &key.PublicKey, by.key)
	if err != nil {
		log.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		log.Fatal(err)
	}
	return cert, key
}

// certificate returns a certificate for a server at an address, or for a client with a name.
func (a *authority) certificate(name string) tls.Certificate {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	cert, key := sign(template, a)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// write writes the authority's certificate, and a client's with its key, to files.
func (a *authority) write(roots, cert, key string) {
	mine := a.certificate("client-1")
	private, err := x509.MarshalPKCS8PrivateKey(mine.PrivateKey)
	if err != nil {
		log.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		roots: {Type: "CERTIFICATE", Bytes: a.cert.Raw},
		cert:  {Type: "CERTIFICATE", Bytes: mine.Certificate[0]},
		key:   {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			log.Fatal(err)
		}
	}
}

// changing is the configuration of a server whose authority changes.
type changing struct{ conf atomic.Pointer[tls.Config] }

func (c *changing) set(a *authority) {
	c.conf.Store(&tls.Config{
		Certificates: []tls.Certificate{a.certificate("127.0.0.1")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: a.pool(),
	})
}

func (c *changing) config(*tls.ClientHelloInfo) (*tls.Config, error) { return c.conf.Load(), nil }

// nowhere is a writer that drops what it gets.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
