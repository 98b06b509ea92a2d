package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// firstFail makes the first n connections fail in a way.
func firstFail(n int, fail func(*peerConn)) func(*peerConn) bool {
	return func(c *peerConn) bool {
		if c.n > n {
			return true
		}
		fail(c)
		return false
	}
}

func TestRetriedDialSucceedsOnceWhatFailedHasPassed(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for name, test := range map[string]struct {
		prepare func(p *peer) []client.Option
		took    time.Duration
	}{
		"connection refused": {func(p *peer) []client.Option {
			calls := 0
			return []client.Option{client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
				if calls++; calls <= 2 {
					return nil, refused
				}
				return p.l.Dial(ctx, network, addr)
			})}
		}, 2 * time.Second},
		"503": {func(p *peer) []client.Option {
			answerFirst(p, 2, "HTTP/1.1 503 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")
			return nil
		}, 14 * time.Second},
		"429": {func(p *peer) []client.Option {
			answerFirst(p, 1, "HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n")
			return nil
		}, time.Second},
		"reset": {func(p *peer) []client.Option {
			p.admit = firstFail(1, func(c *peerConn) { c.Cut() })
			return nil
		}, time.Second},
		"timeout": {func(p *peer) []client.Option {
			p.admit = firstFail(1, func(c *peerConn) { io.Copy(io.Discard, c) })
			return []client.Option{client.WithConnectTimeout(5 * time.Second)}
		}, 6 * time.Second},
		"500 at auth": {func(p *peer) []client.Option {
			p.auth = func(c *peerConn, fr *wire.Frame) {
				if c.n == 1 {
					c.refuse(fr, 500, "not yet")
					return
				}
				c.welcome(fr)
			}
			return nil
		}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				start := time.Now()
				c, err := p.tryDial(t.Context(), append([]client.Option{format, every(time.Second), client.WithRetryDial()}, test.prepare(p)...)...)
				if err != nil || time.Since(start) != test.took {
					t.Fatalf("after %v: %v", time.Since(start), err)
				}
				if _, err := c.Stats(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// answerFirst answers the first n upgrades with a response.
func answerFirst(p *peer, n int, response string) {
	answerHTTP(p, 1, response)
	answer := p.admit
	p.admit = func(c *peerConn) bool { return c.n > n || answer(c) }
}

func TestRetriedDialReturnsAtOnceWhatDoesNotPass(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(p *peer)
		is      error
	}{
		"401": {func(p *peer) { answerHTTP(p, 1, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n") }, client.ErrUnauthorized},
		"404": {func(p *peer) { answerHTTP(p, 1, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n") }, client.ErrNotFound},
		"403 at auth": {func(p *peer) {
			p.auth = func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 403, "no") }
		}, client.ErrForbidden},
		"another protocol": {func(p *peer) {
			p.auth = func(c *peerConn, _ *wire.Frame) { c.raw(text("hello")) }
		}, client.ErrProtocolMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				test.prepare(p)
				start := time.Now()
				_, err := p.tryDial(t.Context(), format, every(time.Second), client.WithRetryDial())
				if !errors.Is(err, test.is) || client.RetryMayHelp(err) || p.count() != 1 || time.Since(start) != 0 {
					t.Errorf("%v after %v and %d connections", err, time.Since(start), p.count())
				}
			})
		})
	}
}

func TestRetriedDialAsksATokenSourceOnceMore(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.auth = func(c *peerConn, fr *wire.Frame) { c.refuse(fr, 401, "no") }
		_, err := p.tryDial(t.Context(), format, client.WithRetryDial(), client.WithToken(""),
			client.WithTokenSource(func(context.Context) (string, error) { return "t", nil }))
		if !errors.Is(err, client.ErrUnauthorized) || p.count() != 2 {
			t.Errorf("%v after %d connections", err, p.count())
		}
	})
}

func TestRetriedDialEndsWithItsCtxAndSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		backoff time.Duration
		slow    time.Duration // of each dial
	}{
		"in a pause": {time.Hour, 0}, "in an attempt": {time.Second, 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				_, err := p.tryDial(ctx, format, every(test.backoff), client.WithRetryDial(), client.WithDialContext(
					func(ctx context.Context, _, _ string) (net.Conn, error) {
						select {
						case <-time.After(test.slow):
							return nil, errTest
						case <-ctx.Done():
							return nil, ctx.Err()
						}
					}))
				if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errTest) || time.Since(start) != 10*time.Second {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
				if !client.SafeToRetry(err) || client.RetryMayHelp(err) {
					t.Errorf("safe %v, may help %v", client.SafeToRetry(err), client.RetryMayHelp(err))
				}
			})
		})
	}
}

func TestRetriedDialStopsWhenTheBackoffSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.admit = func(*peerConn) bool { return false }
		_, err := p.tryDial(t.Context(), format, client.WithRetryDial(),
			client.WithBackoff(func(attempt int) (time.Duration, bool) { return time.Second, attempt <= 3 }))
		if err == nil || p.count() != 4 {
			t.Errorf("%v after %d connections", err, p.count())
		}
	})
}
