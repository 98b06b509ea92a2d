package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// timeless is a connection without deadlines, such as one through an SSH tunnel.
type timeless struct{ net.Conn }

var errTimeless = errors.New("deadlines are not supported")

func (timeless) SetDeadline(time.Time) error      { return errTimeless }
func (timeless) SetReadDeadline(time.Time) error  { return errTimeless }
func (timeless) SetWriteDeadline(time.Time) error { return errTimeless }

// timelessly dials the peer.
func timelessly(p *peer) client.Option {
	return client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := p.l.Dial(ctx, network, addr)
		return timeless{conn}, err
	})
}

func TestContextBoundsTheDialOfAConnectionWithoutDeadlines(t *testing.T) {
	for _, stage := range []string{"upgrade", "auth"} {
		t.Run(stage, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				if stage == "upgrade" {
					p.admit = func(c *peerConn) bool { io.Copy(io.Discard, c); return false }
				} else {
					p.auth = func(c *peerConn, _ *wire.Frame) { io.Copy(io.Discard, c) }
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				_, err := p.tryDial(ctx, format, timelessly(p))
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
			})
		})
	}
}

func TestWriteTimeoutOfAConnectionWithoutDeadlines(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := unreading(p, format, client.WithWriteTimeout(3*time.Second), client.WithReconnect(false))
		begin := time.Now()
		_, err := c.Enqueue(t.Context(), "name", strings.Repeat("x", 1<<20))
		wantUnwritten(t, err, client.ErrClosed) // a part of it was written
		if time.Since(begin) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

func TestCloseOfAConnectionWithoutDeadlines(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := unreading(p, format)
		done := make(chan error, 1)
		go func() {
			_, err := c.Enqueue(t.Context(), "name", strings.Repeat("x", 1<<20))
			done <- err
		}()
		synctest.Wait()
		begin := time.Now()
		c.Close()
		if err := <-done; !errors.Is(err, client.ErrClosed) || time.Since(begin) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

// unreading dials a peer that reads nothing after auth.
func unreading(p *peer, opts ...client.Option) *client.Client {
	p.auth = func(c *peerConn, fr *wire.Frame) {
		c.welcome(fr)
		<-p.stopped
	}
	return p.dial(append(opts, timelessly(p))...)
}
