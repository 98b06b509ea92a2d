package client_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// slowJournal is keepJournal for a peer that takes a while for each job, so that items pile up, and
// that answers nothing on a connection that is gone.
func slowJournal(p *peer, each time.Duration) *journal {
	j := keepJournal(p)
	enqueue := p.handle
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Method == client.MethodJobEnqueue {
			time.Sleep(each)
		}
		if !c.isGone() {
			enqueue(c, fr)
		}
	}
	return j
}

func TestTenThousandItemsOfABatchSurviveCuts(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const items = 10_000
		r := rand.New(rand.NewPCG(1, 2))
		p := newPeer(t)
		j := slowJournal(p, time.Millisecond)
		c := p.dial(format, every(time.Millisecond))
		batch := make(chan []result)
		go func() {
			seq := func(yield func(client.EnqueueItem) bool) {
				for i := range items {
					name := strconv.Itoa(i)
					if i%100 == 7 {
						name = "bad" + name
					}
					if !yield(client.EnqueueItem{Name: name, Payload: strings.Repeat("x", i%500)}) {
						return
					}
				}
			}
			batch <- all(c.EnqueueMany(t.Context(), seq, client.WithWindow(100)))
		}()
		var results []result
		for cuts := 0; results == nil; cuts++ {
			select {
			case results = <-batch:
				if cuts < 20 {
					t.Errorf("only %d cuts came in the middle", cuts)
				}
			case <-time.After(time.Duration(1+r.IntN(500)) * time.Millisecond):
				if victim := p.conn(p.count()); r.IntN(2) == 0 {
					victim.Cut()
				} else {
					victim.CutAfterWrites(r.IntN(5000))
				}
			}
		}
		checkSurvival(t, results, j.all(), items)
	})
}

// checkSurvival checks that results and journal agree: what is done was enqueued once, what is
// refused was not, and what is unknown was at most once. The order is that of the items.
func checkSurvival(t *testing.T, results []result, names []string, items int) {
	t.Helper()
	times, last := map[string]int{}, -1
	for _, name := range names {
		n, err := strconv.Atoi(name)
		if err != nil || n <= last {
			t.Errorf("item %s was enqueued after item %d", name, last)
		}
		times[name]++
		last = n
	}
	count := map[string]int{}
	for i, r := range results {
		name := strings.TrimPrefix(r.Item.Name, "bad")
		if name != strconv.Itoa(i) {
			t.Fatalf("result %d is that of %s", i, r.Item.Name)
		}
		n := times[name]
		switch {
		case r.err == nil:
			if count["done"]++; n != 1 {
				t.Errorf("item %s is done, and was enqueued %d times", name, n)
			}
		case errors.Is(r.err, client.ErrBadRequest):
			if count["refused"]++; n != 0 {
				t.Errorf("item %s is refused, and was enqueued %d times", name, n)
			}
		case isUnknown(r.err):
			if count["unknown"]++; n > 1 {
				t.Errorf("item %s is unknown, and was enqueued %d times", name, n)
			}
		default:
			t.Errorf("item %s ended with %v", name, r.err)
		}
	}
	if len(results) != items || count["done"] < items/2 || count["refused"] == 0 || count["unknown"] == 0 {
		t.Errorf("of %d results %v", len(results), count)
	}
}

// A batch that is as large as the window waits for the next session as a whole.
func TestItemsThatAreNotWrittenWaitForTheNextSession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, every(time.Minute), client.WithLimits(client.Limits{WaitingCalls: 1, InFlightCalls: 20}))
		p.conn(1).Cut()
		synctest.Wait()
		wantDone(t, all(c.EnqueueMany(t.Context(), counting(2000, nil, nil), client.WithWindow(1000))), j, 2000)
		wantIdle(t, c, 20)
	})
}

// What was written when the session ended is unknown, and not sent again. What was not is done.
func TestItemsThatAreWrittenWhenTheSessionEndsAreUnknown(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		enqueue := p.handle
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if c.n > 1 {
				enqueue(c, fr)
			}
		}
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 5}))
		batch := make(chan []result)
		go func() { batch <- all(c.EnqueueMany(t.Context(), counting(20, nil, nil), client.WithWindow(10))) }()
		synctest.Wait()
		p.conn(1).Cut()
		results := <-batch
		if len(results) != 20 || len(j.all()) != 15 {
			t.Fatalf("%d results, %d enqueued", len(results), len(j.all()))
		}
		for i, r := range results {
			if got, want := isUnknown(r.err), i < 5; got != want || i >= 5 && r.err != nil {
				t.Errorf("item %d: unknown %v, want %v (%v)", i, got, want, r.err)
			}
		}
	})
}

// The sequence goes on while the session is replaced, and finds another one. What it yields then is
// sent after the items that were not written.
func TestItemsKeepTheirOrderOverASequenceThatTakesItsTime(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, every(time.Second), client.WithWriteTimeout(time.Minute))
		synctest.Wait()
		p.conn(1).StallReads()
		items := func(yield func(client.EnqueueItem) bool) {
			for i := range 9 {
				yield(client.EnqueueItem{Name: strconv.Itoa(i)})
				switch i {
				case 0:
					synctest.Wait() // it is being written, and the others wait until it is
				case 5:
					p.conn(1).Cut()
					time.Sleep(time.Minute)
				}
			}
		}
		for i, r := range all(c.EnqueueMany(t.Context(), items)) {
			if i == 0 && !isUnknown(r.err) || i > 0 && r.err != nil {
				t.Errorf("item %d: %v", i, r.err)
			}
		}
		if diff := cmp.Diff([]string{"1", "2", "3", "4", "5", "6", "7", "8"}, j.all()); diff != "" {
			t.Error(diff)
		}
	})
}

// What waits for a session when ctx ends is not sent any more, even if there is a session then.
func TestItemsThatAreNotSentWhenTheCtxEndsAreNotSentLater(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, every(time.Second))
		p.conn(1).Cut()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		results := all(c.EnqueueMany(ctx, func(yield func(client.EnqueueItem) bool) {
			counting(5, nil, nil)(yield)
			time.Sleep(time.Minute)
			cancel()
			yield(client.EnqueueItem{Name: "last"})
		}))
		synctest.Wait()
		if n := len(results); n != 6 || len(j.all()) > 0 {
			t.Errorf("%d results, and %v are enqueued", n, j.all())
		}
		for _, r := range results {
			if wantUnwritten(t, r.err, context.Canceled); strings.Contains(r.err.Error(), "answer") {
				t.Errorf("it was sent: %v", r.err)
			}
		}
	})
}

func TestEnqueueManyWithFailFastFailsItemsWithoutASession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, every(time.Minute), client.WithFailFast(true))
		p.conn(1).Cut()
		synctest.Wait()
		for _, r := range all(c.EnqueueMany(t.Context(), counting(300, nil, nil))) {
			wantUnwritten(t, r.err, client.ErrNotConnected)
		}
		time.Sleep(2 * time.Minute)
		wantDone(t, all(c.EnqueueMany(t.Context(), counting(300, nil, nil))), j, 300)
	})
}

func TestEnqueueManyEndsWithTheClient(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, connected := range []bool{true, false} {
			p := newPeer(t)
			p.handle = silent
			c := p.dial(format, every(time.Hour))
			if !connected {
				p.conn(1).Cut()
				synctest.Wait()
			}
			batch := make(chan []result)
			go func() { batch <- all(c.EnqueueMany(t.Context(), counting(-1, nil, nil))) }()
			synctest.Wait()
			c.Close()
			results := <-batch
			if len(results) != 257 {
				t.Errorf("connected %v: %d results", connected, len(results))
			}
			for i, r := range results {
				if connected && i < 256 {
					wantUnknown(t, invocations[0], r.err, client.ErrClosed)
				} else {
					wantUnwritten(t, r.err, client.ErrClosed)
				}
			}
		}
	})
}

// A drain in the middle lets what was taken finish, also over a lost connection, and nothing more.
func TestEnqueueManyDuringADrain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, cut := range []bool{false, true} {
			p := newPeer(t)
			j := slowJournal(p, time.Millisecond)
			c := p.dial(format)
			if cut {
				p.conn(1).Cut()
				synctest.Wait()
			}
			batch := make(chan []result)
			go func() { batch <- all(c.EnqueueMany(t.Context(), counting(-1, nil, nil))) }()
			synctest.Wait()
			if err := c.Drain(t.Context()); err != nil {
				t.Errorf("Drain: %v", err)
			}
			results := <-batch
			last := results[len(results)-1]
			wantUnwritten(t, last.err, client.ErrDraining)
			wantDone(t, results[:len(results)-1], j, len(results)-1)
			if len(results) < 257 {
				t.Errorf("only %d items were finished", len(results)-1)
			}
		}
	})
}

// While the body of the loop takes its time, nothing else waits: other calls go on, the server is
// pinged and answers, and a session that ends meanwhile is replaced.
func TestEnqueueManyWithASlowConsumer(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format)
		var results []result
		for done, err := range c.EnqueueMany(t.Context(), counting(20, nil, nil), client.WithWindow(4)) {
			results = append(results, result{done, err})
			if len(results)%5 == 0 {
				synctest.Wait() // everything taken has been answered
				p.conn(p.count()).Cut()
			}
			time.Sleep(time.Minute)
			if _, err := c.GetJob(t.Context(), "1"); err != nil {
				t.Error(err)
			}
		}
		wantDone(t, results, j, 20)
	})
}

// Items that are as large as a message may be wait for each other, and for nothing else.
func TestEnqueueManyOfTheLargestItems(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, client.WithLimits(client.Limits{MessageBytes: 256 << 10, PendingBytes: 1 << 20}))
		payload := strings.Repeat("x", 256<<10-1024)
		results := all(c.EnqueueMany(t.Context(), counting(8, payload, nil)))
		wantDone(t, results, j, 8)
		ctx, cancel := context.WithTimeout(t.Context(), shortly)
		defer cancel()
		p.conn(1).StallReads()
		taken := 0
		for i, r := range all(c.EnqueueMany(ctx, counting(-1, payload, &taken))) {
			if !errors.Is(r.err, context.DeadlineExceeded) || i > 0 && !client.SafeToRetry(r.err) {
				t.Errorf("item %d: %v", i, r.err)
			}
		}
		if taken > 6 { // what exceeds 1 MiB, and the one that found the end
			t.Errorf("%d items of 256 KiB were taken", taken)
		}
	})
}
