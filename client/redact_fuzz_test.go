package client

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

// FuzzRedact builds an error out of known and unknown types around a token, and a refusal whose
// details hold it. Neither the text of the redacted error nor that of anything that errors.As or
// Unwrap reaches from it holds the token, and errors.Is still finds what is in it.
func FuzzRedact(f *testing.F) {
	f.Add("dk_live_s3cret", "no such token: ", []byte{0, 3, 6, 1, 9})
	f.Add("dev", "device dev: ", []byte{2, 11, 4, 7})
	f.Add("redacted", "[redacted", []byte{5, 8, 10})
	f.Add("a\"b\\c/<é>", "\"a\\\"b", []byte{12, 3, 13, 0})
	f.Add(": ", ":", []byte{1})
	f.Fuzz(func(t *testing.T, token, text string, shape []byte) {
		if token == "" || len(token) > 100 || len(text) > 200 || len(shape) > 6 {
			return
		}
		s := newSecrets(token)
		var parts []error
		err := errors.New(text + token)
		for _, b := range shape {
			parts = append(parts, err)
			err = around(b, text+" "+token+" "+text, err)
		}
		redacted := s.error(err)
		for _, part := range append(parts, err) {
			if !errors.Is(redacted, part) {
				t.Errorf("%v is not %T", redacted, part)
			}
		}
		e := echo{t, token, &s}
		e.reached(redacted, 0)

		details, _ := json.Marshal(map[string]any{text + token: []any{token, text, 1, nil}, "in": string(must(json.Marshal(token)))})
		var v any
		if err := json.Unmarshal(s.json(details), &v); err != nil {
			t.Fatalf("%s became %s: %v", details, s.json(details), err)
		}
		e.decoded(v)
	})
}

// around wraps an error in one of the kinds that there are.
func around(kind byte, text string, err error) error {
	switch kind % 16 {
	case 0:
		return &net.OpError{Op: text, Net: text, Addr: &net.UnixAddr{Name: text, Net: "unix"}, Err: err}
	case 1:
		return &net.DNSError{Err: text, Name: text, Server: text, UnwrapErr: err, IsTimeout: true}
	case 2:
		return &url.Error{Op: text, URL: text, Err: err}
	case 3:
		return &os.SyscallError{Syscall: text, Err: err}
	case 4:
		return &os.PathError{Op: text, Path: text, Err: err}
	case 5:
		return &tls.CertificateVerificationError{Err: err}
	case 6:
		return errors.Join(x509.HostnameError{Certificate: new(x509.Certificate), Host: text}, err, tls.RecordHeaderError{Msg: text})
	case 7:
		return fmt.Errorf("%s: %w, %w", text, err, &ProtocolError{Reason: text, Err: err})
	case 8:
		return fmt.Errorf("plain: %w", err)
	case 9:
		return &OutcomeUnknownError{Method: "m", Err: err}
	case 10:
		return errors.Join(&Error{Code: 500, Message: text, Details: must(json.Marshal(text))}, &CloseError{Code: 1008, Reason: text}, err)
	case 11:
		return errors.Join(err, syscall.ECONNRESET, io.EOF, net.UnknownNetworkError(text), &net.AddrError{Err: text, Addr: text})
	case 12:
		return &ReplyError{Method: "m", Err: err}
	case 13:
		return &callError{method: "m", err: err}
	case 14:
		return errors.Join(err, &net.ParseError{Type: text, Text: text}, x509.CertificateInvalidError{Detail: text}, &StatusError{Status: 503})
	}
	return x509.SystemRootsError{Err: err}
}

// echo looks for a token where it must not be.
type echo struct {
	t     *testing.T
	token string
	s     *secrets
}

// reached checks an error and everything that can be reached from it.
func (e echo) reached(err error, depth int) {
	e.t.Helper()
	if err == nil {
		return
	}
	e.check(err.Error())
	for _, wrapped := range unwrap(err) {
		e.reached(wrapped, depth)
	}
	if depth == 2 {
		return
	}
	for _, target := range []error{
		as[*net.OpError](err), as[*net.DNSError](err), as[*net.AddrError](err), as[*net.ParseError](err), as[net.UnknownNetworkError](err),
		as[net.Error](err), as[*url.Error](err), as[*os.SyscallError](err), as[*os.PathError](err), as[syscall.Errno](err),
		as[*tls.CertificateVerificationError](err), as[tls.RecordHeaderError](err), as[x509.HostnameError](err),
		as[x509.CertificateInvalidError](err), as[x509.SystemRootsError](err), as[*Error](err), as[*CloseError](err),
		as[*ProtocolError](err), as[*OutcomeUnknownError](err), as[*ReplyError](err), as[*StatusError](err), as[*callError](err),
	} {
		e.reached(target, depth+1)
	}
}

func as[T error](err error) error {
	if target, ok := errors.AsType[T](err); ok {
		return target
	}
	return nil
}

// decoded checks the strings of a JSON document.
func (e echo) decoded(v any) {
	switch v := v.(type) {
	case string:
		e.check(v)
	case []any:
		for _, element := range v {
			e.decoded(element)
		}
	case map[string]any:
		for name, member := range v {
			e.check(name)
			e.decoded(member)
		}
	}
}

// check looks for the token by other means than the client does, where it is long or one word.
func (e echo) check(text string) {
	e.t.Helper()
	found := e.s.in(text)
	if notWord := func(r rune) bool { return !isWordRune(r) }; utf8.RuneCountInString(e.token) >= shortSecret {
		found = strings.Contains(text, e.token)
	} else if !strings.ContainsFunc(e.token, notWord) {
		found = slices.Contains(strings.FieldsFunc(text, notWord), e.token)
	}
	if found {
		e.t.Fatalf("%q is in %q", e.token, text)
	}
}

func must(data []byte, _ error) []byte { return data }
