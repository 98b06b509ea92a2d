package client_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
)

// hanging is a user's function that ignores its ctx: from its second call on it hangs until it is
// released.
type hanging struct {
	calls, underWay, most atomic.Int64
	release               chan struct{}
}

func newHanging(t *testing.T) *hanging {
	h := &hanging{release: make(chan struct{})}
	t.Cleanup(func() {
		select {
		case <-h.release:
		default:
			close(h.release)
		}
	})
	return h
}

func (h *hanging) call() {
	n := h.underWay.Add(1)
	h.most.Store(max(h.most.Load(), n))
	defer h.underWay.Add(-1)
	if h.calls.Add(1) > 1 {
		<-h.release
	}
}

func TestTokenSourceThatIgnoresItsCtxIsAskedOnceAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, failing := range []bool{false, true} {
			p, h := newPeer(t), newHanging(t)
			c := p.dial(format, every(time.Second), client.WithToken(""), client.WithConnectTimeout(5*time.Second),
				client.WithTokenSource(func(context.Context) (string, error) {
					n := h.calls.Load()
					h.call()
					if n == 1 && failing {
						return "", errTest
					}
					return "t", nil
				}))
			p.conn(1).Cut()
			time.Sleep(10*time.Minute + 3*time.Second) // an attempt is under way
			if h.most.Load() != 1 || h.calls.Load() != 2 {
				t.Errorf("asked %d times, %d at once", h.calls.Load(), h.most.Load())
			}
			close(h.release)
			start := time.Now()
			if err := c.Ready(t.Context()); err != nil || time.Since(start) != 0 {
				t.Errorf("%v after %v: the attempt under way has failed", err, time.Since(start))
			}
			want := int64(2) // the attempt under way takes the late token
			if failing {
				want = 3 // or asks anew
			}
			if h.calls.Load() != want || p.count() != 2 {
				t.Errorf("asked %d times, want %d; %d connections", h.calls.Load(), want, p.count())
			}
			c.Close()
		}
	})
}

func TestTokenThatComesTooLateIsNotUsed(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, h := newPeer(t), newHanging(t)
		c := p.dial(format, every(time.Minute), client.WithToken(""), client.WithConnectTimeout(5*time.Second),
			client.WithTokenSource(func(context.Context) (string, error) { h.call(); return "t", nil }))
		p.conn(1).Cut()
		time.Sleep(70 * time.Second) // the attempt has been given up, and the next one is not due
		close(h.release)
		if err := c.Ready(t.Context()); err != nil || h.calls.Load() != 3 {
			t.Errorf("%v, asked %d times, want 3: the second token is a minute old", err, h.calls.Load())
		}
	})
}

func TestDialFunctionThatIgnoresItsCtxIsLeftBehindAFewTimes(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p, h := newPeer(t), newHanging(t)
		c := p.dial(format, every(time.Second), client.WithConnectTimeout(5*time.Second),
			client.WithDialContext(func(_ context.Context, network, addr string) (net.Conn, error) {
				h.call()
				return p.l.Dial(context.Background(), network, addr)
			}))
		p.conn(1).Cut()
		time.Sleep(10*time.Minute + 3*time.Second)
		if h.underWay.Load() != 8 {
			t.Errorf("%d dials under way, want 8", h.underWay.Load())
		}
		close(h.release)
		if err := c.Ready(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		gone := 0
		for n := 1; n <= p.count(); n++ {
			if p.conn(n).isGone() {
				gone++
			}
		}
		if gone != p.count()-1 {
			t.Errorf("%d of %d connections are closed, want all but one", gone, p.count())
		}
	})
}

// jammed is a connection whose reads and Close wait until it is released.
type jammed struct {
	net.Conn
	release <-chan struct{}
}

func (c jammed) Read([]byte) (int, error) { <-c.release; return 0, net.ErrClosed }
func (c jammed) Close() error             { <-c.release; return c.Conn.Close() }

func TestNothingOutlivesItsCtxWhenADialledConnDoesNotClose(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release := make(chan struct{})
		var dials atomic.Int64
		c := p.dial(format, client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := p.l.Dial(ctx, network, addr)
			if dials.Add(1) > 1 {
				return jammed{conn, release}, err
			}
			return conn, err
		}))
		for name, f := range map[string]func(context.Context) error{
			"StartWorkflow": func(ctx context.Context) error { return startWorkflow(ctx, c) },
			"DialContext": func(ctx context.Context) error {
				_, err := p.tryDial(ctx, format, client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := p.l.Dial(ctx, network, addr)
					return jammed{conn, release}, err
				}))
				return err
			},
		} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errCause)
			begin := time.Now()
			err := errs(func() error { return f(ctx) })
			select {
			case err := <-err:
				wantEnded(t, err, context.DeadlineExceeded, "dial peer.test")
			case <-time.After(time.Hour):
				t.Errorf("%s has taken %v", name, time.Since(begin))
			}
			cancel()
		}
		p.conn(1).Cut()
		time.Sleep(time.Hour)
		if n := dials.Load(); n > 1+8+1 {
			t.Errorf("%d connections are left behind", n-1)
		}
		begin := time.Now()
		c.Close()
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("Close took %v", took)
		}
		close(release)
	})
}
