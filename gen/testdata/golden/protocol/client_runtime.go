package client

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/xraph/dispatch/codec"
)

// Client is what the generated stubs stand on, with a function for a connection.
type Client struct {
	Do func(ctx context.Context, method string, data []byte) ([]byte, error)
}

type idempotency uint8

const (
	notIdempotent idempotency = iota
	idempotent
	safe
)

type method struct {
	name        string
	idempotency idempotency
	blocking    bool
	session     bool
	discards    bool
}

// noRequest is the request of a method without one.
type noRequest struct{}

// Annotations says what the client knows of a method.
func Annotations(name string) (repeatable, blocking, session, known bool) {
	m := methodNamed(name)
	if m == nil {
		return false, false, false, false
	}
	return m.idempotency != notIdempotent, m.blocking, m.session, true
}

// NewPayload is newPayload, for the test.
func NewPayload(t EventType) any { return newPayload(t) }

func call[T any, P interface {
	*T
	ScanJSON(s *codec.Scanner)
}, R any](ctx context.Context, c *Client, m *method, encode func([]byte) ([]byte, error), request R) (*T, error) {
	return callFor(ctx, c, m, encode, request, codec.ScanNew[T, P])
}

func callFor[T, R any](ctx context.Context, c *Client, m *method, encode func([]byte) ([]byte, error), _ R, scan func(*codec.Scanner, *T)) (v T, err error) {
	data := []byte("null")
	if encode != nil {
		if data, err = encode(nil); err != nil {
			return v, err
		}
	}
	answer, err := c.Do(ctx, m.name, data)
	if err != nil {
		return v, err
	}
	s := codec.NewScanner(answer)
	scan(&s, &v)
	return v, s.End()
}

func foreignOption(m *method) error { return errors.New(m.name + ": foreign option") }

func discard[T any](_ T, err error) error { return err }

func orNull(v any) any {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}

// Code is an error code of the protocol.
type Code int

type codeError Code

func (e codeError) Error() string { return "code " + strconv.Itoa(int(e)) }
