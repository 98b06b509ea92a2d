package client_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// Batches whose windows are larger than the limits wait for places, also for one another's.
func TestSeveralBatchesShareTheLimits(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		most, enqueue := 0, p.handle
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodJobEnqueue {
				time.Sleep(time.Millisecond) // requests pile up in the inbox
				most = max(most, len(c.inbox)+1)
			}
			enqueue(c, fr)
		}
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 10, WaitingCalls: 1, PendingBytes: 4096}))
		var batches sync.WaitGroup
		for range 5 {
			batches.Go(func() {
				for done, err := range c.EnqueueMany(t.Context(), counting(200, "payload", nil), client.WithWindow(1000)) {
					if err != nil {
						t.Errorf("%+v: %v", done, err)
					}
				}
			})
		}
		batches.Wait()
		if n := len(j.all()); n != 1000 || most != 10 {
			t.Errorf("%d items were enqueued, %d at once", n, most)
		}
		wantIdle(t, c, 10)
	})
}

// A batch waits for the places that other calls have, within its ctx.
func TestEnqueueManyWaitsForPlacesOfOtherCalls(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 2}))
		ctx, cancel := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		for range 2 {
			calls.Go(func() {
				if _, err := c.Enqueue(ctx, "mute", nil); !isUnknown(err) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		short, stop := context.WithTimeout(t.Context(), shortly)
		defer stop()
		for _, r := range all(c.EnqueueMany(short, counting(3, nil, nil))) {
			wantUnwritten(t, r.err, context.DeadlineExceeded)
		}
		batch := make(chan []result)
		go func() { batch <- all(c.EnqueueMany(t.Context(), counting(100, nil, nil))) }()
		synctest.Wait()
		j.forget()
		cancel()
		calls.Wait()
		wantDone(t, <-batch, j, 100)
	})
}

// A batch that waits for a place ends with the client.
func TestEnqueueManyThatWaitsForAPlaceEndsWithTheClient(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepJournal(p)
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 1}))
		call := errs(func() error { _, err := c.Enqueue(t.Context(), "mute", nil); return err })
		synctest.Wait()
		batch := make(chan []result)
		go func() { batch <- all(c.EnqueueMany(t.Context(), counting(3, nil, nil))) }()
		synctest.Wait()
		c.Close()
		for _, r := range <-batch {
			wantUnwritten(t, r.err, client.ErrClosed)
		}
		<-call
	})
}

// Places that are given back at the same time go to all who wait for one.
func TestBatchesThatWaitForPlacesAreAllWoken(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const places = 20
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: places}))
		held, letGo := context.WithCancel(t.Context())
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range places {
			all.Go(func() { _, _ = c.Enqueue(held, "mute", nil) })
		}
		synctest.Wait()
		for range places {
			all.Go(func() {
				for range c.EnqueueMany(ctx, named("mute")) {
				}
			})
		}
		synctest.Wait()
		j.forget()
		letGo()
		synctest.Wait()
		if n := len(j.all()); n != places {
			t.Errorf("%d batches have a place, of %d", n, places)
		}
		cancel()
		all.Wait()
	})
}

// Close ends the wait for a place also if those that have them do not let go.
func TestEnqueueManyThatWaitsForAPlaceOfAStuckBatchEndsWithTheClient(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepJournal(p)
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 1}))
		stuck, letGo := make(chan struct{}), make(chan struct{})
		go func() {
			all(c.EnqueueMany(t.Context(), func(yield func(client.EnqueueItem) bool) {
				yield(client.EnqueueItem{Name: "mute"})
				close(stuck) // the item has the place
				<-letGo
			}))
		}()
		<-stuck
		batch := make(chan []result)
		go func() { batch <- all(c.EnqueueMany(t.Context(), counting(3, nil, nil))) }()
		synctest.Wait()
		c.Close()
		for _, r := range <-batch {
			wantUnwritten(t, r.err, client.ErrClosed)
		}
		close(letGo)
		synctest.Wait()
	})
}

// A batch that was under way when its session ended keeps its place before the calls that wait.
func TestBatchUnderWayDoesNotCountAmongWaitingCalls(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, every(time.Minute), client.WithLimits(client.Limits{WaitingCalls: 1}))
		var other <-chan error
		var results []result
		for done, err := range c.EnqueueMany(t.Context(), counting(10, nil, nil), client.WithWindow(1)) {
			if results = append(results, result{done, err}); len(results) == 5 {
				p.conn(1).Cut()
				synctest.Wait()
				other = errs(func() error { return getJob(t.Context(), c) })
				synctest.Wait()
			}
		}
		wantDone(t, results, j, 10)
		if err := <-other; err != nil {
			t.Error(err)
		}
	})
}

// Breaking takes no more items, and waits for those that were taken.
func TestBreakingOutOfEnqueueMany(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := slowJournal(p, time.Second)
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 10}))
		taken, begin := 0, time.Now()
		for range c.EnqueueMany(t.Context(), counting(-1, nil, &taken), client.WithWindow(10)) {
			break
		}
		if n := len(j.all()); taken != 10 || n != 10 || time.Since(begin) != 10*time.Second {
			t.Errorf("%d items were taken and %d enqueued when the range ended, after %v", taken, n, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		begin = time.Now()
		for range c.EnqueueMany(ctx, counting(-1, nil, nil), client.WithWindow(10)) {
			break
		}
		if took := time.Since(begin); took != 3500*time.Millisecond {
			t.Errorf("it waited for %v, beyond its ctx", took)
		}
		wantIdle(t, c, 10)
	})
}

// What the user's code does to the goroutine ends the range at once, and leaves nothing behind.
func TestPanicAndGoexitInEnqueueMany(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for what, do := range map[string]func(){"panic": func() { panic(errTest) }, "Goexit": runtime.Goexit} {
			for where, run := range map[string]func(*client.Client){
				"the sequence": func(c *client.Client) {
					all(c.EnqueueMany(t.Context(), func(yield func(client.EnqueueItem) bool) {
						counting(5, nil, nil)(yield)
						do()
					}))
				},
				"the body": func(c *client.Client) {
					for range c.EnqueueMany(t.Context(), func(yield func(client.EnqueueItem) bool) {
						counting(5, nil, nil)(yield)
						yield(client.EnqueueItem{Payload: func() {}})
					}, client.WithWindow(6)) {
						do()
					}
				},
				"an encoder": func(c *client.Client) {
					all(c.EnqueueMany(t.Context(), func(yield func(client.EnqueueItem) bool) {
						counting(5, nil, nil)(yield)
						yield(client.EnqueueItem{Payload: encoderFunc(do)})
					}))
				},
			} {
				p := newPeer(t)
				p.handle = func(c *peerConn, fr *wire.Frame) {
					if fr.Method != client.MethodJobEnqueue || field(fr, "name") == "0" {
						c.polite(fr) // the others are under way when the range ends
					}
				}
				c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 5}))
				begin := time.Now()
				got := make(chan any, 1)
				go func() {
					defer func() { got <- recover() }()
					if run(c); true {
						t.Errorf("%s in %s did not come through", what, where)
					}
				}()
				switch v := <-got; {
				case what == "panic" && v != errTest, what == "Goexit" && v != nil:
					t.Errorf("%s in %s came out as %v", what, where, v)
				case time.Since(begin) > 0:
					t.Errorf("%s in %s waited for %v", what, where, time.Since(begin))
				}
				wantIdle(t, c, 5)
			}
		}
	})
}

// What was not written when the user's code panics is not sent any more.
func TestPanicInEnqueueManyTakesBackWhatIsNotWritten(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, client.WithWriteTimeout(time.Minute))
		synctest.Wait()
		p.conn(1).StallReads()
		func() {
			defer func() { _ = recover() }()
			all(c.EnqueueMany(t.Context(), func(yield func(client.EnqueueItem) bool) {
				counting(1, nil, nil)(yield)
				synctest.Wait() // it is being written
				counting(5, nil, nil)(yield)
				panic(errTest)
			}))
		}()
		p.conn(1).Resume()
		synctest.Wait()
		if diff := cmp.Diff([]string{"0"}, j.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// encoderFunc is a payload that is encoded by calling it.
type encoderFunc func()

func (f encoderFunc) MarshalJSON() ([]byte, error) {
	f()
	return nil, errors.New("came back")
}
