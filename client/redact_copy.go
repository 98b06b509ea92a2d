package client

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"os"
)

// copyOf returns a redacted copy of an error whose type is known, else nil. The copy may still
// contain a secret if the fixed words of the type contain it.
func (s *secrets) copyOf(err error) error {
	if c := s.copyOfOurs(err); c != nil {
		return c
	}
	if c := s.copyOfNet(err); c != nil {
		return c
	}
	return s.copyOfTLS(err)
}

func (s *secrets) copyOfOurs(err error) error {
	switch e := err.(type) {
	case *Error:
		c := *e
		c.Message, c.Details = s.text(c.Message), s.json(c.Details)
		return &c
	case *CloseError:
		c := *e
		c.Reason = s.text(c.Reason)
		return &c
	case *ProxyError:
		c := *e
		c.Proxy, c.Err = s.text(c.Proxy), s.error(c.Err)
		return &c
	case *ProtocolError:
		return &ProtocolError{Reason: s.text(e.Reason), Err: s.error(e.Err)}
	case *OutcomeUnknownError:
		return &OutcomeUnknownError{Method: e.Method, Err: s.error(e.Err)}
	case *ReplyError:
		return &ReplyError{Method: e.Method, Err: s.error(e.Err), safe: e.safe}
	case *callError:
		return &callError{method: e.method, err: s.error(e.err), safe: e.safe, passing: e.passing}
	case *closedError:
		return &closedError{s.error(e.cause)}
	}
	return nil
}

func (s *secrets) copyOfNet(err error) error {
	switch e := err.(type) {
	case *net.OpError:
		return &net.OpError{Op: s.text(e.Op), Net: s.text(e.Net), Source: s.addr(e.Source), Addr: s.addr(e.Addr), Err: s.error(e.Err)}
	case *net.DNSError:
		c := *e
		c.UnwrapErr, c.Err, c.Name, c.Server = s.error(c.UnwrapErr), s.text(c.Err), s.text(c.Name), s.text(c.Server)
		return &c
	case *net.AddrError:
		return &net.AddrError{Err: s.text(e.Err), Addr: s.text(e.Addr)}
	case *net.ParseError:
		return &net.ParseError{Type: s.text(e.Type), Text: s.text(e.Text)}
	case net.UnknownNetworkError:
		return net.UnknownNetworkError(s.text(string(e)))
	case net.InvalidAddrError:
		return net.InvalidAddrError(s.text(string(e)))
	case *url.Error:
		return &url.Error{Op: s.text(e.Op), URL: s.text(e.URL), Err: s.error(e.Err)}
	case *os.SyscallError:
		return &os.SyscallError{Syscall: s.text(e.Syscall), Err: s.error(e.Err)}
	case *os.PathError:
		return &os.PathError{Op: s.text(e.Op), Path: s.text(e.Path), Err: s.error(e.Err)}
	case *os.LinkError:
		return &os.LinkError{Op: s.text(e.Op), Old: s.text(e.Old), New: s.text(e.New), Err: s.error(e.Err)}
	}
	return nil
}

func (s *secrets) copyOfTLS(err error) error {
	switch e := err.(type) {
	case *tls.CertificateVerificationError:
		return &tls.CertificateVerificationError{UnverifiedCertificates: e.UnverifiedCertificates, Err: s.error(e.Err)}
	case tls.RecordHeaderError:
		return tls.RecordHeaderError{Msg: s.text(e.Msg), RecordHeader: e.RecordHeader}
	case x509.HostnameError:
		return x509.HostnameError{Certificate: e.Certificate, Host: s.text(e.Host)}
	case x509.UnknownAuthorityError:
		return x509.UnknownAuthorityError{Cert: e.Cert}
	case x509.CertificateInvalidError:
		return x509.CertificateInvalidError{Cert: e.Cert, Reason: e.Reason, Detail: s.text(e.Detail)}
	case x509.SystemRootsError:
		return x509.SystemRootsError{Err: s.error(e.Err)}
	}
	return nil
}

// redactedAddr is a redacted address in an error.
type redactedAddr struct{ network, text string }

func (a redactedAddr) Network() string { return a.network }
func (a redactedAddr) String() string  { return a.text }

func (s *secrets) addr(a net.Addr) net.Addr {
	if a == nil || !s.in(a.Network()) && !s.in(a.String()) {
		return a
	}
	return redactedAddr{s.text(a.Network()), s.text(a.String())}
}
