package client_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
)

// locked is a connection whose methods share a lock, as some wrappers have it. The lock is a
// channel so that waiting for it lets the bubble's time pass.
type locked struct {
	net.Conn
	lock  chan struct{}
	close bool // Close takes the lock, too
}

func (c locked) with(f func() error) error {
	c.lock <- struct{}{}
	defer func() { <-c.lock }()
	return f()
}

func (c locked) Write(b []byte) (n int, err error) {
	err = c.with(func() (err error) { n, err = c.Conn.Write(b); return err })
	return n, err
}

func (c locked) SetDeadline(t time.Time) error {
	return c.with(func() error { return c.Conn.SetDeadline(t) })
}

func (c locked) SetWriteDeadline(t time.Time) error {
	return c.with(func() error { return c.Conn.SetWriteDeadline(t) })
}

func (c locked) Close() error {
	if c.close {
		return c.with(c.Conn.Close)
	}
	return c.Conn.Close()
}

// Close counts its 5 s from its call, and calls in flight end by then, though the connection's own
// methods wait for a write.
func TestCloseIsBoundedWhateverTheConnectionDoes(t *testing.T) {
	for name, shared := range map[string]bool{"deadlines wait for Write": false, "Close waits for Write": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				c := p.dial(format, client.WithWriteTimeout(time.Minute), client.WithDialContext(
					func(ctx context.Context, network, addr string) (net.Conn, error) {
						conn, err := p.l.Dial(ctx, network, addr)
						return locked{conn, make(chan struct{}, 1), shared}, err
					}))
				synctest.Wait()
				p.conn(1).StallReads()
				big, small := make(chan error, 1), make(chan error, 1)
				call := func(result chan error, payload string) {
					_, err := c.Enqueue(t.Context(), "n", payload)
					result <- err
				}
				go call(big, strings.Repeat("x", 1<<20))
				synctest.Wait()
				go call(small, "")
				synctest.Wait()
				begin := time.Now()
				c.Close()
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("Close took %v", took)
				}
				wantUnwritten(t, <-small, client.ErrClosed)
				if err := <-big; shared {
					wantUnknown(t, invocations[0], err, client.ErrClosed) // the outcome is unknown
				} else {
					wantUnwritten(t, err, client.ErrClosed) // a part of it was written
				}
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("the calls took %v", took)
				}
			})
		})
	}
}

// stubborn is a connection whose writes fail once it is broken, and whose Close waits.
type stubborn struct {
	net.Conn
	broken  *atomic.Bool
	release chan struct{}
}

func (c stubborn) Write(b []byte) (int, error) {
	if c.broken.Load() {
		return 0, errTest
	}
	return c.Conn.Write(b)
}

func (c stubborn) Close() error {
	<-c.release
	return c.Conn.Close()
}

// heldWarnings is a log handler that takes warnings only once it is released.
type heldWarnings struct {
	slog.Handler
	release chan struct{}
}

func (h heldWarnings) Enabled(_ context.Context, level slog.Level) bool {
	return level == slog.LevelWarn
}

func (h heldWarnings) Handle(context.Context, slog.Record) error {
	<-h.release
	return nil
}

func TestSessionEndsThoughItsConnectionDoesNotClose(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var broken atomic.Bool
		var dials atomic.Int64
		release := make(chan struct{})
		logger := slog.New(heldWarnings{slog.DiscardHandler, release})
		c := p.dial(format, client.WithLogger(logger), client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := p.l.Dial(ctx, network, addr)
			if dials.Add(1) > 1 {
				return conn, err
			}
			return stubborn{conn, &broken, release}, err
		}))
		sub := subscribe(t, c, "jobs")
		broken.Store(true)
		if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
			t.Errorf("the call that could not be written did not go on: %v", err)
		}
		if p.count() != 2 {
			t.Fatalf("%d connections", p.count())
		}
		p.conn(1).numbered(1, 2) // on the connection that is still open
		synctest.Wait()
		p.conn(2).numbered(3, 1)
		evs := []*client.Event{next(t, sub), next(t, sub)}
		if diff := cmp.Diff([]string{"gap reconnect 0", "3"}, story(t, evs)); diff != "" {
			t.Error(diff)
		}
		begin := time.Now()
		c.Close()
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("Close took %v, though a goroutine was left", took)
		}
		close(release)
	})
}
