package client_test

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// A server cannot handle a part of a frame. So a call whose frame was written but for its last byte
// is unwritten, and goes on with the next session; with that byte, its outcome is unknown.
func TestFrameIsWrittenWithItsLastByte(t *testing.T) {
	enqueue := invocations[0]
	bubble(t, func(t *testing.T, format client.Option) {
		size := frameSize(t, enqueue, format)
		for _, test := range []struct {
			cut     int
			unknown bool
		}{
			{cut: 1},
			{cut: size - 1},
			{cut: size, unknown: true},
		} {
			p := newPeer(t)
			// Whole seconds, because times on the wire have no trailing zeros.
			c, arm := p.dialArmed(format, client.WithBackoff(func(int) (time.Duration, bool) { return time.Second, true }))
			arm(false, test.cut)
			err := enqueue.call(t.Context(), c)
			var unknown *client.OutcomeUnknownError
			if errors.As(err, &unknown) != test.unknown || !test.unknown && err != nil {
				t.Errorf("cut after %d of %d bytes: %v", test.cut, size, err)
			}
			synctest.Wait()
			p.mu.Lock()
			if diff := cmp.Diff(map[string]int{"n": 1}, p.enqueued); diff != "" {
				t.Errorf("cut after %d of %d bytes: %s", test.cut, size, diff)
			}
			p.mu.Unlock()
			c.Close()
			p.stop()
		}
	})
}

// A peer that has seen one id can guess the next ones.
func TestReplyToARequestThatIsNotYetWrittenIsAStray(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		seen := make(chan *wire.Frame, 1)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodStats {
				seen <- fr
			}
			c.polite(fr)
		}
		c := p.dial(format)
		if _, err := c.Stats(t.Context()); err != nil {
			t.Fatal(err)
		}
		first := <-seen
		conn := p.conn(1)
		conn.StallReads()
		results := make(chan error, 3)
		go func() { // its flush is under way, so the ones behind it stay in the outbox
			_, err := c.Enqueue(t.Context(), "big", strings.Repeat("x", 100<<10))
			results <- err
		}()
		synctest.Wait()
		for range 2 {
			go func() {
				result, err := c.Enqueue(t.Context(), "small", nil)
				if err == nil && result.JobID != "job_1" {
					err = errors.New("the answer that came in advance was taken")
				}
				results <- err
			}()
		}
		synctest.Wait()
		next := successor(t, first.ID)
		for range 5 { // of the two that wait, and of frames that do not exist yet
			next = successor(t, next)
			conn.reply(&wire.Frame{ID: next}, map[string]string{"job_id": "forged", "queue": "q", "state": "pending"})
		}
		synctest.Wait()
		if n := len(results); n != 0 {
			t.Errorf("%d calls ended before they were written", n)
		}
		if got := c.Counters(); got.StrayFrames != 5 || got.LateReplies != 0 {
			t.Errorf("%d stray frames and %d late replies, want 5 and 0", got.StrayFrames, got.LateReplies)
		}
		conn.Resume()
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
	})
}

// successor is the id that a client makes after this one.
func successor(t *testing.T, id string) string {
	t.Helper()
	prefix, number, _ := strings.Cut(id, "-")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("id %q: %v", id, err)
	}
	return prefix + "-" + strconv.Itoa(n+1)
}

// Whatever comes in advance, and however closely: no call is answered before it is put, and it is
// no race.
func TestFloodOfRepliesInAdvanceIsNotARace(t *testing.T) {
	t.Parallel()
	for _, name := range formats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t)
			seen := make(chan *wire.Frame, 1)
			p.handle = func(c *peerConn, fr *wire.Frame) {
				if fr.Method == client.MethodStats {
					seen <- fr
				}
				c.polite(fr)
			}
			c := p.dial(client.WithFormat(name))
			if _, err := c.Stats(t.Context()); err != nil {
				t.Fatal(err)
			}
			id := (<-seen).ID
			const callers, each = 8, 100
			p.serve.Go(func() {
				for range callers * each {
					id = successor(t, id)
					for range 3 {
						p.conn(1).reply(&wire.Frame{ID: id}, map[string]string{"job_id": "job_1", "queue": "q", "state": "pending"})
					}
				}
			})
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					for range each {
						if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}
