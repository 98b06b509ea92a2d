package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

const echoed = "dk_live_s3cret+/="

// dialError is the error of a dial whose function fails so.
func dialError(t *testing.T, token string, fault error) error {
	t.Helper()
	fails := client.WithDialContext(func(context.Context, string, string) (net.Conn, error) { return nil, fault })
	_, err := client.DialContext(t.Context(), "ws://peer.test/dwp", client.WithToken(token), fails)
	if err == nil {
		t.Fatal("dialled")
	}
	return err
}

// found is what errors.As finds, as an error.
func found[T error](err error) error {
	if target, ok := errors.AsType[T](err); ok {
		return target
	}
	return nil
}

func TestRedactedErrorUnwrapsToRedactedCopies(t *testing.T) {
	t.Parallel()
	refused := &os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}
	for name, test := range map[string]struct {
		fault error
		is    error
		as    func(error) error
		want  string
	}{
		"net.OpError": {
			&net.OpError{Op: "dial", Net: "unix", Addr: &net.UnixAddr{Name: "/run/" + echoed, Net: "unix"}, Err: refused}, syscall.ECONNREFUSED,
			found[*net.OpError], "dial unix /run/[redacted]: connect: connection refused",
		},
		"the syscall error in it": {
			&net.OpError{Op: "dial", Net: echoed, Err: refused}, refused, found[*os.SyscallError], "connect: connection refused",
		},
		"the number in that": {
			&net.OpError{Op: "dial", Net: echoed, Err: refused}, refused, found[syscall.Errno], "connection refused",
		},
		"net.Error": {
			fmt.Errorf("%s: %w", echoed, os.ErrDeadlineExceeded), os.ErrDeadlineExceeded, found[net.Error], "[redacted]: i/o timeout",
		},
		"net.DNSError": {
			&net.DNSError{Err: "no such host", Name: echoed + ".example", IsNotFound: true}, nil, found[*net.DNSError], "lookup [redacted].example: no such host",
		},
		"url.Error in its query": {
			&url.Error{Op: "CONNECT", URL: "http://proxy/?token=" + url.QueryEscape(echoed), Err: io.EOF}, io.EOF, found[*url.Error],
			`CONNECT "http://proxy/?token=[redacted]": EOF`,
		},
		"url.Error in its user": {
			&url.Error{Op: "CONNECT", URL: "http://" + url.UserPassword("u", echoed).String() + "@proxy", Err: io.EOF}, io.EOF, found[*url.Error],
			`CONNECT "http://u:[redacted]@proxy": EOF`,
		},
		"certificate": {
			&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.CANotAuthorizedForThisName, Detail: echoed}}, nil,
			found[*tls.CertificateVerificationError], "tls: failed to verify certificate: x509: a root or intermediate certificate is not authorized to sign for this name: [redacted]",
		},
		"the x509 error in it": {
			fmt.Errorf("%s: %w", echoed, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), nil,
			found[x509.UnknownAuthorityError], "x509: certificate signed by unknown authority",
		},
		"joined": {
			errors.Join(errors.New(echoed), io.ErrUnexpectedEOF, &net.AddrError{Err: "bad", Addr: echoed}), io.ErrUnexpectedEOF,
			found[*net.AddrError], "address [redacted]: bad",
		},
		"one quoted in another": {
			fmt.Errorf("proxy said %q: %w", "no \""+echoed+"\"", &net.ParseError{Type: "port", Text: echoed}), nil, found[*net.ParseError], "invalid port: [redacted]",
		},
		"of a type that is not known": {fmt.Errorf("a: %w", foreign{echoed}), foreign{echoed}, found[foreign], ""},
		"of such a type, clean":       {fmt.Errorf("%s: %w", echoed, foreign{"b"}), foreign{"b"}, found[foreign], "foreign b"},
		"of such a type, around it":   {foreignError{errors.New(echoed)}, nil, found[foreignError], ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := dialError(t, echoed, test.fault)
			if strings.Contains(err.Error(), echoed) || !strings.HasPrefix(err.Error(), "dispatch: dial peer.test: ") {
				t.Errorf("the text: %v", err)
			}
			if !errors.Is(err, test.fault) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not its causes", err)
			}
			got := ""
			if e := test.as(err); e != nil {
				got = e.Error()
			}
			if got != test.want {
				t.Errorf("errors.As finds %q, want %q", got, test.want)
			}
		})
	}
}

type foreign struct{ text string }

func (e foreign) Error() string { return "foreign " + e.text }

type foreignError struct{ err error }

func (foreignError) Error() string   { return "foreign around" }
func (e foreignError) Unwrap() error { return e.err }

func TestRedactedTimeoutStaysATimeout(t *testing.T) {
	t.Parallel()
	err := dialError(t, echoed, &net.OpError{Op: "read", Net: "tcp", Err: &net.DNSError{Err: echoed, IsTimeout: true}})
	var network net.Error
	if !errors.As(err, &network) || !network.Timeout() {
		t.Errorf("%v is no timeout", err)
	}
	var op *net.OpError
	if !errors.As(err, &op) || !op.Timeout() {
		t.Errorf("%v is no timeout", op)
	}
	if errors.As(dialError(t, echoed, errors.New(echoed)), &network) {
		t.Error("an error that is none of the network's became one")
	}
}

func TestTokenThatIsACommonWordLeavesErrorsReadable(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		"dev": "dispatch: dial peer.test: device of devs: [redacted] (dev_1) is broken; 1 and e",
		"e":   "dispatch: dial peer.test: device of devs: dev (dev_1) is broken; 1 and [redacted]",
		"1":   "dispatch: dial peer.test: device of devs: dev (dev_1) is broken; [redacted] and e",
	} {
		err := dialError(t, token, errors.New("device of devs: dev (dev_1) is broken; 1 and e"))
		if err.Error() != want {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestRefusalsDetailsAreRedactedWhereTheyHoldTheToken(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const token = `dk"<live>\/é`
		for details, want := range map[string]string{
			`{"token":"dk\"<live>\\/é","n":[1,"a\/b"]}`:                      `{"token":"[redacted]","n":[1,"a\/b"]}`,
			`{"\u0064k\u0022\u003clive\u003e\\\/\u00e9":"x"}`:                `{"[redacted]":"x"}`,
			`["it was dk\"\u003clive\u003e\\/\u00E9!",true]`:                 `["it was [redacted]!",true]`,
			`{"nested":"{\"t\":\"dk\\\"\u003clive\u003e\\\\/é\"}","u":null}`: `{"nested":"{\"t\":\"[redacted]\"}","u":null}`,
			`{"reason":"as \u0073uch","n":1.50}`:                             `{"reason":"as \u0073uch","n":1.50}`,
		} {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) {
				c.send(&wire.Frame{Type: wire.TypeError, CorrelID: fr.ID, Error: &wire.ErrorDetail{
					Code: 500, Message: "no " + token, Details: json.RawMessage(details),
				}})
			}
			_, err := p.dial(format, client.WithToken(token)).GetJob(t.Context(), "j")
			var refused *client.Error
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, string(refused.Details)); diff != "" || refused.Message != "no [redacted]" {
				t.Errorf("%s: %s, message %q", details, diff, refused.Message)
			}
		}
	})
}

func TestSecretsInTheURLAreRedactedLikeTheToken(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.auth = func(c *peerConn, fr *wire.Frame) {
			c.refuse(fr, 401, "neither hunter2! nor abc+defgh nor ijklmnop is a token")
		}
		_, err := client.DialContext(t.Context(), "ws://user:hunter2%21@peer.test/dwp?access_token=abc%2Bdefgh&token=ijklmnop", format,
			client.WithDialContext(p.l.Dial))
		if want := "dispatch: auth: neither [redacted] nor [redacted] nor [redacted] is a token (code 401)"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	})
}

func TestErrorOfAConnectionThatQuotesTheTokenIsRedacted(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		// reads that succeed: none of the answers, that to the upgrade, that to auth too
		for _, after := range []int{1, 2, 3} {
			c, err := client.DialContext(t.Context(), "ws://peer.test/dwp", format, client.WithToken(echoed), client.WithReconnect(false),
				client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := p.l.Dial(ctx, network, addr)
					return &tattling{Conn: conn, left: after}, err
				}))
			if err == nil {
				<-c.Done()
				err = c.Err()
				c.Close()
			}
			var op *net.OpError
			if strings.Contains(err.Error(), echoed) || !errors.As(err, &op) || strings.Contains(op.Error(), echoed) || !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("after %d reads: %v", after, err)
			}
		}
	})
}

// tattling is a connection that fails after so many reads, with an error that quotes the token.
type tattling struct {
	net.Conn
	left int
}

func (c *tattling) Read(b []byte) (int, error) {
	if c.left--; c.left < 0 {
		c.Close()
		return 0, &net.OpError{Op: "read " + echoed, Net: "tcp", Err: io.ErrClosedPipe}
	}
	return c.Conn.Read(b)
}
