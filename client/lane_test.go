package client_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// startHeld makes the peer hold workflow.start until release is closed, and count those under way.
func startHeld(p *peer) (release chan struct{}, underWay *atomic.Int64) {
	release, underWay = make(chan struct{}), new(atomic.Int64)
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Method == client.MethodWorkflowStart {
			underWay.Add(1)
			defer underWay.Add(-1)
			select {
			case <-release:
			case <-c.gone:
				return
			}
		}
		c.polite(fr)
	}
	return release, underWay
}

func TestLaneLetsOtherCallsThrough(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		published := make(chan struct{})
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch fr.Method {
			case client.MethodWorkflowStart:
				<-published // the workflow waits for the event
			case client.MethodWorkflowEvent:
				close(published)
			}
			c.polite(fr)
		}
		c := p.dial(format)
		started := make(chan error, 1)
		go func() {
			_, err := c.StartWorkflow(t.Context(), "w", nil)
			started <- err
		}()
		synctest.Wait()
		if err := c.PublishEvent(t.Context(), "e", nil); err != nil {
			t.Fatal(err)
		}
		if err := <-started; err != nil {
			t.Fatal(err)
		}
	})
}

func TestLanesAreAtMostFourAndFurtherCallsWait(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release, underWay := startHeld(p)
		c := p.dial(format)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if underWay.Load() != 4 || p.count() != 5 {
			t.Errorf("%d workflows under way on %d connections, want 4 on 5", underWay.Load(), p.count())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.StartWorkflow(ctx, "w", nil)
		wantUnwritten(t, err, context.DeadlineExceeded)
		close(release)
		wg.Wait()
		if p.count() != 5 {
			t.Errorf("%d connections, want 5: lanes are to be used again", p.count())
		}
	})
}

func TestLanesCanBeLimited(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release, underWay := startHeld(p)
		c := p.dial(format, client.WithLanes(1), client.WithLimits(client.Limits{WaitingCalls: 1}))
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { c.StartWorkflow(t.Context(), "w", nil) })
		}
		synctest.Wait()
		if underWay.Load() != 1 {
			t.Errorf("%d workflows under way, want 1", underWay.Load())
		}
		_, err := c.StartWorkflow(t.Context(), "w", nil)
		wantUnwritten(t, err, client.ErrTooManyCalls)
		close(release)
		wg.Wait()
	})
}

func TestLaneIsReusedAndClosedWhenIdle(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		for range 3 {
			if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(29 * time.Second)
		}
		if p.count() != 2 || p.conn(2).isGone() {
			t.Fatalf("%d connections, the lane gone: %v", p.count(), p.conn(2).isGone())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !p.conn(2).isGone() || p.conn(1).isGone() {
			t.Error("the lane was not closed, or more than the lane")
		}
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil || p.count() != 3 {
			t.Errorf("after that: %v, %d connections", err, p.count())
		}
	})
}

func TestLaneThatDiesEndsOnlyItsOwnCall(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release, _ := startHeld(p)
		c := p.dial(format)
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := c.StartWorkflow(t.Context(), "w", nil)
				errs <- err
			}()
		}
		synctest.Wait()
		p.conn(2).Cut()
		var unknown *client.OutcomeUnknownError
		if err := <-errs; !errors.As(err, &unknown) {
			t.Errorf("the call of the dead lane: %v", err)
		}
		if _, err := c.Stats(t.Context()); err != nil || c.State() != client.StateReady {
			t.Errorf("the main session: %v, %v", err, c.State())
		}
		close(release)
		if err := <-errs; err != nil {
			t.Errorf("the call of the other lane: %v", err)
		}
	})
}

func TestLaneOutlivesTheMainSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release, _ := startHeld(p)
		c := p.dial(format)
		done := make(chan error, 1)
		go func() {
			_, err := c.StartWorkflow(t.Context(), "w", nil)
			done <- err
		}()
		synctest.Wait()
		p.conn(1).Cut()
		synctest.Wait()
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestLaneOfACallThatWasGivenUpIsNotReused(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release, _ := startHeld(p)
		c := p.dial(format)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var unknown *client.OutcomeUnknownError
		if _, err := c.StartWorkflow(ctx, "w", nil); !errors.As(err, &unknown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		close(release)
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil || p.count() != 3 {
			t.Errorf("afterwards: %v, %d connections, want 3", err, p.count())
		}
	})
}

func TestLanesAreDialledOnlyWhileReady(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithBackoff(func(int) (time.Duration, bool) { return time.Minute, true }))
		p.conn(1).Cut()
		synctest.Wait()
		go c.StartWorkflow(t.Context(), "w", nil)
		time.Sleep(59 * time.Second)
		if p.count() != 1 {
			t.Errorf("%d connections while backing off", p.count())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if p.count() != 3 {
			t.Errorf("%d connections when ready, want 3", p.count())
		}
	})
}

func TestLaneThatCannotBeDialledIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.admit = func(c *peerConn) bool { return c.n != 2 }
		c := p.dial(format)
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil || p.count() != 3 {
			t.Errorf("%v, %d connections", err, p.count())
		}
	})
}

func TestLaneInABlockingCallIsLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		release, _ := startHeld(p)
		c := p.dial(format)
		time.AfterFunc(10*time.Hour, func() { close(release) })
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
			t.Errorf("a workflow of ten hours: %v", err)
		}
		if p.count() != 2 || c.State() != client.StateReady {
			t.Errorf("%d connections, %v", p.count(), c.State())
		}
	})
}
