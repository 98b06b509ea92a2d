package client_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestCloseIsBoundedWhateverThePeerDoes(t *testing.T) {
	for name, misbehave := range map[string]func(c *peerConn){
		"polite":         func(*peerConn) {},
		"never reads":    func(c *peerConn) { c.StallReads() },
		"half-open":      func(c *peerConn) { c.Freeze() },
		"gone":           func(c *peerConn) { c.Cut() },
		"sends for ever": func(c *peerConn) { c.p.serve.Go(c.flood) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method == client.MethodSubscribe {
						c.polite(fr)
					}
				}
				c := p.dial(format)
				sub := subscribe(t, c, "jobs")
				misbehave(p.conn(1))
				var wg sync.WaitGroup
				for range 5 {
					wg.Go(func() { c.Enqueue(t.Context(), "n", string(make([]byte, 50_000))) })
					wg.Go(func() { c.StartWorkflow(t.Context(), "w", nil) })
				}
				synctest.Wait()
				start := time.Now()
				if err := c.Close(); err != nil || time.Since(start) > 5*time.Second {
					t.Errorf("Close took %v: %v", time.Since(start), err)
				}
				wg.Wait()
				if time.Since(start) > 5*time.Second {
					t.Errorf("calls took %v", time.Since(start))
				}
				for _, err := range sub.All(t.Context()) {
					if err != nil {
						t.Error(err)
					}
				}
				if sub.Err() != nil {
					t.Error(sub.Err())
				}
			})
		})
	}
}

func TestCloseSendsACloseFrame(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		c.Close()
		synctest.Wait()
		if p.conn(1).closeCode.Load() != 1000 {
			t.Errorf("close code %d, want 1000", p.conn(1).closeCode.Load())
		}
	})
}

func TestCloseSendsACloseFrameLongAfterTheLastWrite(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithWriteTimeout(time.Second))
		time.Sleep(10 * time.Second)
		c.Close()
		synctest.Wait()
		if code := p.conn(1).closeCode.Load(); code != 1000 {
			t.Errorf("close code %d, want 1000", code)
		}
	})
}

func TestDrainFinishesWhatIsInFlight(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobEnqueue || fr.Method == client.MethodWorkflowStart {
				time.Sleep(time.Second)
			}
			c.polite(fr)
		}
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		channel := subscribe(t, c, "workflows")
		p.conn(1).numbered(1, 3)
		p.conn(1).event("workflow.started", "workflow:1", map[string]any{})
		var wg sync.WaitGroup
		for _, inv := range invocations[:4] {
			wg.Go(func() {
				if err := inv.call(t.Context(), c); err != nil {
					t.Errorf("%s: %v", inv.method, err)
				}
			})
		}
		synctest.Wait()
		drained := make(chan error, 1)
		go func() { drained <- c.Drain(t.Context()) }()
		synctest.Wait()
		if c.State() != client.StateDraining {
			t.Error(c.State())
		}
		_, err := c.Stats(t.Context())
		wantUnwritten(t, err, client.ErrDraining)
		if _, err := c.Subscribe(t.Context(), "jobs"); !errors.Is(err, client.ErrDraining) {
			t.Error(err)
		}
		wg.Wait()
		for ev := range channel.Events() {
			if ev.Type != client.EventWorkflowStarted {
				t.Error(ev)
			}
		}
		var evs []*client.Event
		for ev, err := range sub.All(t.Context()) {
			if err != nil {
				t.Error(err)
			}
			evs = append(evs, ev)
			time.Sleep(time.Second)
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, story(t, evs)); diff != "" {
			t.Error(diff)
		}
		if err := <-drained; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if c.State() != client.StateClosed || p.conn(1).closeCode.Load() != 1000 || !errors.Is(c.Err(), client.ErrClosed) {
			t.Errorf("%v, close code %d", c.State(), p.conn(1).closeCode.Load())
		}
		if n := len(p.seen()); p.seen()[n-1] != "unsubscribe" {
			t.Error(p.seen())
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestDrainReturnsWhatItHadToLeave(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, calls := range []int{0, 2} {
			p := newPeer(t)
			p.handle = func(c *peerConn, fr *wire.Frame) {
				if fr.Method != client.MethodJobEnqueue {
					c.polite(fr)
				}
			}
			c := p.dial(format)
			sub := subscribe(t, c, "jobs")
			p.conn(1).numbered(1, 3)
			var wg sync.WaitGroup
			for range calls {
				wg.Go(func() {
					_, err := c.Enqueue(t.Context(), "n", nil)
					var unknown *client.OutcomeUnknownError
					if !errors.As(err, &unknown) || !errors.Is(err, client.ErrClosed) {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err := c.Drain(ctx)
			cancel()
			var left *client.DrainError
			if !errors.As(err, &left) || left.Calls != calls || left.Events != 3 || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			wg.Wait()
			if evs := whole(t, sub); len(evs) != 3 {
				t.Errorf("%d events left, want 3", len(evs))
			}
		}
	})
}

func TestDrainGoesOnOverAReconnect(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if c.n > 1 {
				c.polite(fr)
			}
		}
		c := p.dial(format)
		call := make(chan error, 1)
		go func() {
			_, err := c.Stats(t.Context())
			call <- err
		}()
		synctest.Wait()
		time.AfterFunc(time.Second, func() { p.conn(1).Cut() })
		if err := c.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-call; err != nil {
			t.Error(err)
		}
	})
}

func TestDrainWaitsForReceiversOfEvents(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 3)
		synctest.Wait()
		events := sub.Events()
		drained := make(chan error, 1)
		go func() { drained <- c.Drain(t.Context()) }()
		var evs []*client.Event
		for range 3 {
			time.Sleep(time.Second)
			synctest.Wait()
			if c.State() == client.StateClosed {
				t.Fatalf("drained after %d of 3 events", len(evs))
			}
			evs = append(evs, <-events)
		}
		if err := <-drained; err != nil {
			t.Error(err)
		}
		if _, open := <-events; open || len(evs) != 3 {
			t.Errorf("%d events, channel open: %v", len(evs), open)
		}
	})
}

func TestDrainMayBeCalledTwice(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			time.Sleep(time.Second)
			c.polite(fr)
		}
		c := p.dial(format)
		go c.Stats(t.Context())
		synctest.Wait()
		start := time.Now()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := c.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
