package client

import "context"

// Client is provisional: the runtime replaces this file.
type Client struct{}

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
}

type codeError int

func (e codeError) Error() string { return "" }

func call[T any](context.Context, *Client, *method, any) (v T, err error) { return v, nil }

func discard[T any](_ T, err error) error { return err }

func orNull(v any) any { return v }
