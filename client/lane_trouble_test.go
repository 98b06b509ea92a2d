package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// speechless is a connection that writes the upgrade and the authentication, and nothing after
// them: its writes fail when all else has come to rest.
type speechless struct {
	net.Conn
	writes int
}

func (c *speechless) Write(b []byte) (int, error) {
	if c.writes++; c.writes > 2 {
		time.Sleep(time.Nanosecond)
		return 0, net.ErrClosed
	}
	return c.Conn.Write(b)
}

// A gateway that limits the connections of a token lets lanes authenticate and then closes them.
func TestLanesThatBreakEarlyAreDialledWithBackoff(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(c *peerConn)
		says string
	}{
		"close frame":  {func(c *peerConn) { c.raw(ws.NewCloseFrame(ws.NewCloseFrameBody(1013, "too many"))) }, "too many"},
		"policy close": {(*peerConn).violated, "too slow"},
		"end of file":  {func(c *peerConn) { c.Close() }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
				defer cancel()
				p.auth = func(c *peerConn, fr *wire.Frame) {
					c.welcome(fr)
					if c.n > 1 {
						test.end(c)
					}
					if c.n == 200 {
						t.Error("lanes are dialled without a pause")
						cancel()
					}
				}
				var dials atomic.Int64
				c := p.dial(format, client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := p.l.Dial(ctx, network, addr)
					if dials.Add(1) > 1 {
						return &speechless{Conn: conn}, err
					}
					return conn, err
				}))
				_, err := c.StartWorkflow(ctx, "w", nil)
				wantUnwritten(t, err, context.DeadlineExceeded)
				wantEnded(t, err, context.DeadlineExceeded, "waiting for a lane", test.says)
				if errors.Is(err, client.ErrUnauthorized) || c.State() != client.StateReady {
					t.Errorf("taken for a refusal: %v, client %v", err, c.State())
				}
			})
		})
	}
}

func TestCallWithoutALaneSaysWhyThoseThatAreTakenHaveNoSession(t *testing.T) {
	for name, before := range map[string]func(p *peer){
		"there is no session": func(p *peer) { p.conn(1).Cut() },
		"no lane opens":       func(*peer) {},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				d := &dialFails{p: p, good: 1, err: errTest}
				c := p.dial(format, client.WithDialContext(d.dial))
				before(p)
				synctest.Wait()
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
				defer cancel()
				results := make(chan error, 5)
				for range cap(results) {
					go func() { results <- startWorkflow(ctx, c) }()
					synctest.Wait()
				}
				for range cap(results) {
					err := <-results
					wantEnded(t, err, context.DeadlineExceeded, "waiting for", errTest.Error())
					if !errors.Is(err, errTest) {
						t.Errorf("%v does not wrap the last attempt's error", err)
					}
				}
			})
		})
	}
}

func TestCallWithoutALaneNamesNoFailureThatIsOver(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		startHeld(p)
		d := &dialFails{p: p, good: 1, err: errTest}
		c := p.dial(format, client.WithDialContext(d.dial), client.WithLanes(1))
		go startWorkflow(t.Context(), c)
		synctest.Wait()
		d.set(1, errTest)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
		defer cancel()
		err := startWorkflow(ctx, c)
		wantEnded(t, err, context.DeadlineExceeded, "all 1 are taken", "WithLanes")
		if errors.Is(err, errTest) {
			t.Errorf("the lane is open by now: %v", err)
		}
	})
}

func TestCallThatWaitsForALaneNamesTheLatestFailure(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var dials atomic.Int64
		c := p.dial(format, client.WithConnectTimeout(time.Hour), client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
			switch dials.Add(1) {
			case 1:
				return p.l.Dial(ctx, network, addr)
			case 2:
				return nil, errTest
			case 3:
				return nil, io.ErrNoProgress
			}
			<-ctx.Done() // the caller's
			return nil, ctx.Err()
		}))
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
		defer cancel()
		err := startWorkflow(ctx, c)
		wantEnded(t, err, context.DeadlineExceeded, "waiting for a lane")
		if !errors.Is(err, io.ErrNoProgress) || errors.Is(err, errTest) {
			t.Errorf("%v does not name the latest failure", err)
		}
	})
}
