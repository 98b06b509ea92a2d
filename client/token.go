package client

import (
	"context"
	"fmt"
	"time"
)

// Token is a token of [WithExpiringTokenSource].
type Token struct {
	Value string
	// Expires is when the server stops accepting the token. The zero time means never.
	Expires time.Time
}

// outlives reports whether a token is valid for longer than another one that expires at a time.
func (t Token) outlives(expires time.Time) bool {
	return t.Expires.IsZero() || t.Expires.After(expires)
}

// overdue returns for how long a token has been expired, by this machine's clock.
func (t Token) overdue() time.Duration {
	if t.Expires.IsZero() {
		return 0
	}
	return max(time.Since(wall(t.Expires)), 0)
}

// wall returns a time without its monotonic reading, so that differences from it follow the wall
// clock, as the server's checks of tokens do.
func wall(t time.Time) time.Time { return t.Round(0) }

// fixed is the token source of WithTokenSource.
func fixed(source func(context.Context) (string, error)) func(context.Context) (Token, error) {
	if source == nil {
		return nil
	}
	return func(ctx context.Context) (Token, error) {
		value, err := source(ctx)
		return Token{Value: value}, err
	}
}

// currentToken returns the fixed token, or asks the source.
func (c *config) currentToken(ctx context.Context) (Token, error) {
	if c.tokenSource == nil {
		return Token{Value: c.token}, nil
	}
	token, _, err := c.asks.do(ctx, func() (Token, error) { return c.tokenSource(ctx) })
	if err != nil {
		return Token{}, fmt.Errorf("dispatch: token source: %w", err)
	}
	return token, nil
}

// connectTime returns a ctx that ends with another one and after the time of an attempt to connect.
func (c *config) connectTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.connectTimeout, fmt.Errorf("the attempt took more than %v (see WithConnectTimeout)", c.connectTimeout))
}
