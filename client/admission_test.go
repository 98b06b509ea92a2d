package client_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestFollowersTakeNoPlacesOfWaitingCalls(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const followers, calls = 3000, 1024 // as many as may wait
		p := newPeer(t)
		r := keepRecords(p, "running")
		c := p.dial(format, every(time.Minute))
		var awaits, enqueues sync.WaitGroup
		for i := range followers {
			awaits.Go(func() {
				if _, err := c.AwaitJob(t.Context(), strconv.Itoa(i)); err != nil {
					t.Errorf("AwaitJob: %v", err)
				}
			})
		}
		synctest.Wait()
		p.conn(1).Cut()
		time.Sleep(30 * time.Second) // the followers want to read their records again
		for range calls {
			enqueues.Go(func() {
				if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
					t.Errorf("Enqueue: %v", err)
				}
			})
		}
		synctest.Wait()
		if _, err := c.Enqueue(t.Context(), "n", nil); !errors.Is(err, client.ErrTooManyCalls) {
			t.Errorf("a call too many: %v", err)
		}
		enqueues.Wait()
		r.set("completed")
		awaits.Wait()
	})
}

func TestAtMostSixtyFourFollowersReadAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const followers = 200
		p := newPeer(t)
		var held sync.Mutex
		var waiting []*wire.Frame
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method != client.MethodJobGet && fr.Method != client.MethodWorkflowGet {
				c.polite(fr)
				return
			}
			held.Lock()
			defer held.Unlock()
			waiting = append(waiting, fr)
		}
		c := p.dial(format)
		var done sync.WaitGroup
		for i := range followers {
			done.Go(func() {
				var err error
				switch i % 2 {
				case 0:
					_, err = c.AwaitJob(t.Context(), strconv.Itoa(i))
				case 1:
					_, err = c.AwaitWorkflow(t.Context(), strconv.Itoa(i))
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		for answered := 0; answered < followers; {
			synctest.Wait()
			held.Lock()
			batch := waiting
			waiting = nil
			held.Unlock()
			if want := min(64, followers-answered); len(batch) != want {
				t.Fatalf("%d records are read at once, want %d", len(batch), want)
			}
			for _, fr := range batch {
				p.conn(1).reply(fr, map[string]string{"id": "1", "name": "n", "state": "completed"})
			}
			answered += len(batch)
		}
		done.Wait()
	})
}

// flying makes n calls of job.get that the first connection does not answer, and returns when all
// are in flight.
func flying(t *testing.T, p *peer, n int, opts ...client.Option) (c *client.Client, done *sync.WaitGroup) {
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if c.n > 1 {
			c.polite(fr)
		}
	}
	c, done = p.dial(opts...), new(sync.WaitGroup)
	for range n {
		done.Go(func() {
			if _, err := c.GetJob(t.Context(), "job_1"); err != nil {
				t.Errorf("GetJob: %v", err)
			}
		})
	}
	synctest.Wait()
	return c, done
}

func TestCallsInFlightKeepTheirPlacesOverAReconnect(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const calls = 4000
		p := newPeer(t)
		c, done := flying(t, p, calls, format, client.WithLimits(client.Limits{InFlightCalls: calls}), every(time.Second))
		p.conn(1).Cut()
		done.Wait()
		if n := c.Counters().Retries; n != calls {
			t.Errorf("%d calls were sent again, want %d", n, calls)
		}
	})
}

func TestCallsThatAreSentAgainGoBeforeNewOnesForPlacesInFlight(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c, done := flying(t, p, 10, format, client.WithLimits(client.Limits{InFlightCalls: 10, WaitingCalls: 5}), every(time.Second))
		p.conn(1).Cut()
		synctest.Wait()
		var served, refused atomic.Int64
		for range 5 {
			done.Go(func() {
				switch _, err := c.Enqueue(t.Context(), "n", nil); {
				case err == nil:
					served.Add(1)
				case errors.Is(err, client.ErrTooManyCalls):
					refused.Add(1)
				default:
					t.Errorf("Enqueue: %v", err)
				}
			})
		}
		done.Wait()
		if served.Load()+refused.Load() != 5 {
			t.Errorf("%d served and %d refused", served.Load(), refused.Load())
		}
		for range 10 { // every place is free again
			done.Go(func() {
				if _, err := c.GetJob(t.Context(), "job_1"); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
	})
}

func TestCallThatHasALaneKeepsItsPlaceWhileTheLaneIsDialled(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.admit = func(c *peerConn) bool {
			if c.n == 2 {
				p.conn(1).Cut() // the lane cannot be dialled, and then there is no session
			}
			return c.n != 2
		}
		c := p.dial(format, client.WithLimits(client.Limits{WaitingCalls: 1}), every(time.Minute))
		var done sync.WaitGroup
		done.Go(func() {
			if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
				t.Errorf("StartWorkflow: %v", err)
			}
		})
		for c.State() == client.StateReady {
			time.Sleep(time.Millisecond)
		}
		done.Go(func() {
			if _, err := c.Enqueue(t.Context(), "n", nil); err != nil {
				t.Errorf("Enqueue: %v", err)
			}
		})
		done.Wait()
	})
}

func TestFollowersTakeNoPlacesOfCallsInFlight(t *testing.T) {
	eachAwait(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if field(fr, "job_id") == "mine" {
				c.polite(fr)
			}
		}
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 1}))
		ctx, cancel := context.WithCancel(t.Context())
		var ends []<-chan end
		for range 3 {
			ends = append(ends, fo.start(ctx, c))
		}
		synctest.Wait()
		if _, err := c.GetJob(t.Context(), "mine"); err != nil {
			t.Errorf("followers read: %v", err)
		}
		cancel()
		for _, e := range ends {
			if e := within(t, time.Second, e); !errors.Is(e.err, context.Canceled) {
				t.Errorf("%v, though each may read", e.err)
			}
		}
	})
}
