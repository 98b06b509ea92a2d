package client_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/memnet"
	"github.com/xraph/dispatch/internal/wire"
)

// allowedError reports whether a call that lost its connection may return err.
func allowedError(inv invocation, err error) bool {
	var unknown *client.OutcomeUnknownError
	switch {
	case err == nil, inv.method == "job.pause" && errors.Is(err, client.ErrMethodNotFound):
		return true
	case errors.As(err, &unknown):
		return !inv.repeatable
	}
	return false
}

func TestCutAtEveryByteOfAFrameOfEachKind(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		size := frameSize(t, inv, format)
		if inv.blocking {
			size = 700 // of a lane's connection: its upgrade, its auth and the call
		}
		for cut := range size + 2 {
			p := newPeer(t)
			c, arm := p.dialArmed(format)
			arm(inv.blocking, cut)
			err := inv.call(t.Context(), c)
			if !allowedError(inv, err) {
				t.Errorf("cut after %d of %d bytes: %v", cut, size, err)
			}
			if done := p.enqueued["n"]; done > 1 {
				t.Errorf("cut after %d of %d bytes: enqueued %d times (%v)", cut, size, done, err)
			}
			c.Close()
			p.stop()
		}
	})
}

func TestCutAtEveryByteOfAReply(t *testing.T) {
	eachMethod(t, func(t *testing.T, inv invocation, format client.Option) {
		if inv.blocking {
			return // its connection is its own: TestLaneThatDiesEndsOnlyItsOwnCall
		}
		for cut := range 150 {
			p := newPeer(t)
			c := p.dial(format)
			synctest.Wait()
			p.conn(1).CutAfterWrites(cut)
			err := inv.call(t.Context(), c)
			if !allowedError(inv, err) || p.enqueued["n"] > 1 {
				t.Errorf("cut after %d bytes: %v, enqueued %d times", cut, err, p.enqueued["n"])
			}
			c.Close()
			p.stop()
		}
	})
}

// dialArmed dials a client. Its connection, or the next one, breaks on demand after so many more
// bytes from the client.
func (p *peer) dialArmed(opts ...client.Option) (c *client.Client, arm func(next bool, bytes int)) {
	var mu sync.Mutex
	var latest *memnet.Conn
	armed := -1
	c = p.dial(append(opts, client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := p.l.Dial(ctx, network, addr)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			return nil, err
		}
		latest = conn.(*memnet.Conn)
		if armed >= 0 {
			latest.CutAfterWrites(armed)
			armed = -1
		}
		return conn, nil
	}))...)
	synctest.Wait() // the first grant is written
	return c, func(next bool, bytes int) {
		mu.Lock()
		defer mu.Unlock()
		if next {
			armed = bytes
		} else {
			latest.CutAfterWrites(bytes)
		}
	}
}

// frameSize measures a method's frame on the wire.
func frameSize(t *testing.T, inv invocation, format client.Option) int {
	p := newPeer(t)
	var written atomic.Int64
	c := p.dial(format, client.WithDialContext(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := p.l.Dial(ctx, network, addr)
		return countingConn{conn, &written}, err
	}))
	defer p.stop()
	defer c.Close()
	synctest.Wait()
	before := written.Load()
	inv.call(t.Context(), c)
	return int(written.Load() - before)
}

type countingConn struct {
	net.Conn
	written *atomic.Int64
}

func (c countingConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

func TestMixedCallsInFlightSurviveACutAtEveryFrame(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for cut := range 64 {
			p := newPeer(t)
			c, arm := p.dialArmed(format)
			arm(false, cut*150)
			var wg sync.WaitGroup
			for i := range 64 {
				wg.Go(func() { storm(t, p, c, i, 0) })
			}
			wg.Wait()
			c.Close()
			p.stop()
		}
	})
}

func TestThousandCallsInFlightSurviveTwoHundredRandomCuts(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		r := rand.New(rand.NewPCG(1, 2))
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			time.Sleep(time.Millisecond) // so that calls pile up
			if !c.isGone() {
				c.polite(fr)
			}
		}
		c := p.dial(format, client.WithBackoff(func(int) (time.Duration, bool) { return time.Millisecond, true }))
		done := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				for round := 0; ; round++ {
					storm(t, p, c, i, round)
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		for range 200 {
			time.Sleep(time.Duration(1+r.IntN(15)) * time.Millisecond)
			victim := p.conn(max(1, p.count()-r.IntN(5)))
			if r.IntN(2) == 0 {
				victim.Cut()
			} else {
				victim.CutAfterWrites(r.IntN(500))
			}
		}
		close(done)
		wg.Wait()
	})
}

// storm makes one of many mixed calls and checks that it returns as it may, and that no job was
// enqueued twice.
func storm(t *testing.T, p *peer, c *client.Client, i, round int) {
	inv := invocations[i%(len(invocations)-1)] // but the unknown one
	if inv.method != client.MethodJobEnqueue {
		err := inv.call(t.Context(), c)
		for inv.repeatable && err != nil && client.SafeToRetry(err) && !errors.Is(err, client.ErrClosed) {
			err = inv.call(t.Context(), c) // lost four times in a row
		}
		if !allowedError(inv, err) {
			t.Errorf("%s: %v", inv.method, err)
		}
		return
	}
	name := fmt.Sprintf("job-%d-%d", i, round)
	_, err := c.Enqueue(t.Context(), name, strings.Repeat("x", i%500))
	if !allowedError(inv, err) {
		t.Errorf("%s: %v", name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.enqueued[name]; n > 1 || err == nil && n != 1 {
		t.Errorf("%s was enqueued %d times, and its caller got %v", name, n, err)
	}
}
