package client_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// crowded is a client with room for 256 KiB.
func crowded(p *peer, opts ...client.Option) *client.Client {
	return p.dial(append(opts, client.WithLimits(client.Limits{PendingBytes: 256 << 10}), client.WithWriteTimeout(time.Minute))...)
}

// crowd stops the peer's reading and makes three calls of 200 kB each: one is being written, two
// wait until it is.
func crowd(t *testing.T, p *peer, c *client.Client) (results chan error) {
	synctest.Wait()
	p.conn(1).StallReads()
	results = make(chan error, 3)
	for i := range 3 {
		go func() {
			_, err := c.Enqueue(t.Context(), strconv.Itoa(i), strings.Repeat("x", 200_000))
			results <- err
		}()
		synctest.Wait()
	}
	return results
}

func TestCallThatFindsNoRoomEndsWithItsCtxAndWasNotWritten(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := crowded(p, format)
		results := crowd(t, p, c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Enqueue(ctx, "late", strings.Repeat("x", 63_000)) // not a large one
		wantUnwritten(t, err, context.DeadlineExceeded)
		if !strings.Contains(err.Error(), "Limits.PendingBytes") {
			t.Errorf("%v does not say what it waited for", err)
		}
		p.conn(1).Resume()
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(map[string]int{"0": 1, "1": 1, "2": 1}, p.enqueued); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCallsThatFindNoRoomGoOnWithTheNextSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		results := crowd(t, p, crowded(p, format))
		p.conn(1).Cut()
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(map[string]int{"0": 1, "1": 1, "2": 1}, p.enqueued); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCallsThatFindNoRoomEndWithClose(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := crowded(p, format)
		results := crowd(t, p, c)
		begin := time.Now()
		c.Close()
		for range 3 {
			wantUnwritten(t, <-results, client.ErrClosed)
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestRequestAboveMaxPendingIsRefusedUnwritten(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, client.WithLimits(client.Limits{PendingBytes: 64 << 10}))
		_, err := c.Enqueue(t.Context(), "n", strings.Repeat("x", 64<<10))
		var limit *client.LimitError
		if !errors.As(err, &limit) || limit.Field != "PendingBytes" || limit.Max != 64<<10 {
			t.Errorf("%v", err)
		}
		wantUnwritten(t, err, client.ErrTooLarge)
		if _, err := c.Enqueue(t.Context(), "n", strings.Repeat("x", 63<<10)); err != nil {
			t.Error(err)
		}
	})
}

// What the session sends of its own accord waits for no room: grants of credits, which the reader
// makes, and subscriptions.
func TestEventsAndSubscriptionsProceedWhileCallsWaitForRoom(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		var got []string
		p.handle = func(c *peerConn, fr *wire.Frame) {
			switch {
			case fr.Credits > 0:
				got = append(got, "credits")
			case fr.Type == wire.TypeRequest:
				got = append(got, fr.Method)
			}
			c.polite(fr)
		}
		c := crowded(p, format, client.WithCredits(1000))
		sub := subscribe(t, c, "jobs", client.WithBuffer(4000, 64<<20))
		results := crowd(t, p, c)
		go c.Subscribe(t.Context(), "workflows")
		synctest.Wait()
		// more than the credits that were granted before
		p.serve.Go(func() { p.conn(1).numbered(1, 2000) })
		for attempt := 1; attempt <= 2000; {
			switch job := next(t, sub).Payload().(type) {
			case *client.JobEvent:
				if job.Attempt != attempt {
					t.Fatalf("event %d came for %d", job.Attempt, attempt)
				}
				attempt++
			case *client.Gap: // of credits, since the peer confirms no grant
			default:
				t.Fatalf("%T", job)
			}
		}
		p.conn(1).Resume()
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		want := []string{"credits", "subscribe", "job.enqueue", "subscribe", "credits", "job.enqueue", "job.enqueue"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
