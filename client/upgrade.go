package client

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

const (
	// maxUpgrade limits the response to an upgrade, in bytes, including the TLS handshake and the
	// responses of a proxy.
	maxUpgrade = 1 << 20
	// maxInterim limits the interim responses (1xx) before the final one.
	maxInterim = 16
)

var (
	errUpgradeTooLong = fmt.Errorf("the answer to the upgrade is longer than %d bytes", maxUpgrade)
	errNotHTTP        = errors.New("the answer is not HTTP/1")
	errBadHeader      = errors.New("the answer has a malformed header")
	errInterim        = fmt.Errorf("more than %d interim responses before the answer", maxInterim)
	errNotSwitched    = errors.New("the answer to the upgrade does not switch to WebSocket")
	errNotTunnel      = errors.New("the answer to CONNECT switches to another protocol")
)

// metered limits the bytes that are read from a connection during its upgrade. No other limit
// applies to the peer at that time.
type metered struct {
	net.Conn
	left int64 // bytes that may still be read
}

func (m *metered) Read(b []byte) (int, error) {
	if m.left == 0 {
		return 0, errUpgradeTooLong
	}
	n, err := m.Conn.Read(b[:min(int64(len(b)), m.left)])
	m.left -= int64(n)
	return n, err
}

// upgrading is a connection during its upgrade. Its Read returns the response in the form that
// [ws.Dialer] accepts. The dialer is stricter than RFC 6455 and RFC 9110: it requires one
// Connection header with one token, and no interim responses.
type upgrading struct {
	net.Conn
	r    *bufio.Reader
	head []byte // the part of the response that is not read yet
	err  error
	done bool // the response has been received
}

func newUpgrading(conn net.Conn) *upgrading {
	return &upgrading{Conn: conn, r: bufio.NewReader(conn)}
}

func (u *upgrading) Read(b []byte) (int, error) {
	if !u.done {
		u.head, u.err = readAnswer(u.r)
		u.done = true
	}
	switch {
	case u.err != nil:
		return 0, u.err
	case len(u.head) == 0:
		return 0, io.EOF // the dialer stops at the empty line that ends the response
	}
	n := copy(b, u.head)
	u.head = u.head[n:]
	return n, nil
}

// early returns the bytes after the response that were read along with it.
func (u *upgrading) early() []byte {
	early, _ := u.r.Peek(u.r.Buffered())
	return bytes.Clone(early)
}

// readAnswer reads the response to an upgrade, but nothing after it, and returns it in the form
// that [ws.Dialer] accepts. A final status other than 101 is a *StatusError. The dialer checks the
// accept value, the extensions and the subprotocol.
func readAnswer(r *bufio.Reader) ([]byte, error) {
	tp := textproto.NewReader(r)
	for range maxInterim + 1 {
		head, err := readHead(tp)
		switch {
		case head.status >= http.StatusOK:
			return nil, &StatusError{Status: head.status, RetryAfter: retryAfter(head.status, http.Header(head.header))}
		case err != nil:
			return nil, err
		case head.status == http.StatusSwitchingProtocols:
			if head.minor < 1 || !isOnly(head.header["Upgrade"], "websocket") || !hasToken(head.header["Connection"], "upgrade") {
				return nil, errNotSwitched
			}
			return plainAnswer(head.header), nil
		}
	}
	return nil, errInterim
}

// head is the head of a response of HTTP/1. Its status is 0 if the status line was not read.
type head struct {
	minor  int
	status int
	header textproto.MIMEHeader
}

// readHead reads the head of a response. If it returns an error for the header, the status is valid
// all the same.
func readHead(tp *textproto.Reader) (h head, err error) {
	line, err := tp.ReadLine()
	if err != nil {
		return h, unexpectedEOF(err)
	}
	minor, status, ok := parseStatus(line)
	if !ok {
		return h, errNotHTTP
	}
	header, err := readHeader(tp)
	return head{minor: minor, status: status, header: header}, unexpectedEOF(err)
}

// readHeader reads a header. Its errors do not quote the header.
func readHeader(tp *textproto.Reader) (textproto.MIMEHeader, error) {
	if first, _ := tp.R.Peek(1); len(first) == 1 && (first[0] == ' ' || first[0] == '\t') {
		return nil, errBadHeader // textproto has no error type for it
	}
	header, err := tp.ReadMIMEHeader()
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		err = errBadHeader
	}
	return header, err
}

// plainAnswer returns the smallest response that [ws.Dialer] accepts, with the headers that it
// checks.
func plainAnswer(header textproto.MIMEHeader) []byte {
	b := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
	for _, name := range []string{"Sec-Websocket-Accept", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol"} {
		for _, value := range header[name] {
			if value != "" {
				b = fmt.Appendf(b, "%s: %s\r\n", name, value)
			}
		}
	}
	return append(b, "\r\n"...)
}

// parseStatus parses a status line of HTTP/1 and returns the minor version and the status.
func parseStatus(line string) (minor, status int, ok bool) {
	version, rest, _ := strings.Cut(line, " ")
	digits, _, _ := strings.Cut(rest, " ")
	major, minor, ok := http.ParseHTTPVersion(version)
	n, err := strconv.ParseUint(digits, 10, 16)
	return minor, int(n), ok && major == 1 && err == nil && len(digits) == 3 && n >= 100
}

// listed calls f with each element of a header's comma-separated lists until f returns false.
func listed(values []string, f func(element string) bool) {
	for _, value := range values {
		for element := range strings.SplitSeq(value, ",") {
			if element = textproto.TrimString(element); element != "" && !f(element) {
				return
			}
		}
	}
}

// hasToken reports whether a list contains a token, ignoring case.
func hasToken(values []string, token string) (has bool) {
	listed(values, func(element string) bool {
		has = strings.EqualFold(element, token)
		return !has
	})
	return has
}

// isOnly reports whether a token is the only element of a list, ignoring case.
func isOnly(values []string, token string) (only bool) {
	listed(values, func(element string) bool {
		only = strings.EqualFold(element, token)
		return only
	})
	return only
}

// retryAfter returns the delay in the Retry-After header, or 0 for a status that gives it no
// meaning.
func retryAfter(status int, header http.Header) time.Duration {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0
	}
	value := header.Get("Retry-After")
	delay := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		delay = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		delay = time.Until(at)
	}
	return min(max(delay, 0), retryAfterMost)
}

func unexpectedEOF(err error) error {
	if err == io.EOF { //nolint:errorlint // one that is wrapped keeps the text around it
		return io.ErrUnexpectedEOF
	}
	return err
}
