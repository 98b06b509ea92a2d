package client_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

const shortly = 3 * time.Second

func TestEnqueueManyKeepsTheOrder(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, window := range []int{1, 2, 3, 100, 65_536} {
			p := newPeer(t)
			j := keepJournal(p)
			batch := p.dial(format).EnqueueMany(t.Context(), counting(300, "x", nil), client.WithWindow(window))
			wantDone(t, all(batch), j, 300)
			j.forget()
			wantDone(t, all(batch), j, 300) // the range can be used again
		}
	})
}

// An error is that of its own item: the one before and the one after succeed.
func TestEnqueueManyHasAResultForEachItem(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format, client.WithLimits(client.Limits{MessageBytes: 4096}))
		for _, test := range []struct {
			what string
			item client.EnqueueItem
			safe bool
			is   error
		}{
			{"a refused one", client.EnqueueItem{Name: "bad"}, true, client.ErrBadRequest},
			{"one that cannot be encoded", client.EnqueueItem{Name: "n", Payload: broken{errTest}}, true, errTest},
			{"one with a foreign option", client.EnqueueItem{Name: "n", Options: []client.EnqueueOption{struct{ client.EnqueueOption }{}}}, true, nil},
			{"one that is too large", client.EnqueueItem{Name: "n", Payload: strings.Repeat("x", 5000)}, true, client.ErrTooLarge},
		} {
			j.forget()
			items := []client.EnqueueItem{{Name: "before"}, test.item, {Name: "after"}, test.item}
			results := all(c.EnqueueMany(t.Context(), slices.Values(items)))
			if len(results) != 4 {
				t.Fatalf("%s: %d results", test.what, len(results))
			}
			for i, r := range results {
				if r.Item.Name != items[i].Name {
					t.Errorf("%s: result %d is that of %s", test.what, i, r.Item.Name)
				}
				switch {
				case i%2 == 0 && (r.err != nil || r.Result.JobID != "job_"+r.Item.Name):
					t.Errorf("%s: %s ended with %+v, %v", test.what, r.Item.Name, r.Result, r.err)
				case i%2 == 1 && (r.err == nil || client.SafeToRetry(r.err) != test.safe || test.is != nil && !errors.Is(r.err, test.is)):
					t.Errorf("%s ended with %v", test.what, r.err)
				}
			}
			if diff := cmp.Diff([]string{"before", "after"}, j.all()); diff != "" {
				t.Errorf("%s: %s", test.what, diff)
			}
		}
	})
}

func TestEnqueueManyReportsAReplyWithoutAnID(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) { c.reply(fr, map[string]string{"queue": "default"}) }
		for _, r := range all(p.dial(format).EnqueueMany(t.Context(), named("n"))) {
			if _, ok := errors.AsType[*client.ReplyError](r.err); !ok || client.SafeToRetry(r.err) {
				t.Errorf("ended with %+v, %v", r.Result, r.err)
			}
		}
	})
}

func TestEnqueueManyTakesNoMoreThanItsWindow(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for _, test := range []struct {
			what    string
			payload any
			want    int
			opts    []client.EnqueueManyOption
		}{
			{"by default", nil, 256, nil},
			{"with a nil option", nil, 256, []client.EnqueueManyOption{nil}},
			{"with a window", nil, 7, []client.EnqueueManyOption{client.WithWindow(7)}},
			{"by bytes", strings.Repeat("x", 10_000), 7, nil}, // the first that exceed 64 KiB
		} {
			p := newPeer(t)
			p.handle = silent
			c := p.dial(format, client.WithLimits(client.Limits{PendingBytes: 64 << 10}))
			taken := 0
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan []result)
			go func() { ended <- all(c.EnqueueMany(ctx, counting(-1, test.payload, &taken), test.opts...)) }()
			synctest.Wait()
			if taken != test.want {
				t.Errorf("%s: %d items were taken, want %d", test.what, taken, test.want)
			}
			cancel()
			if n := len(<-ended); n != test.want+1 || taken != n {
				t.Errorf("%s: %d results of %d items, want one more than the window", test.what, n, taken)
			}
		}
	})
}

// An infinite sequence ends with ctx: what was written is unknown, and nothing else is sent.
func TestEnqueueManyEndsWithItsCtx(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = mute
		c := p.dial(format, client.WithLimits(client.Limits{InFlightCalls: 10}))
		ctx, cancel := context.WithTimeout(t.Context(), shortly)
		defer cancel()
		results := all(c.EnqueueMany(ctx, counting(-1, nil, nil), client.WithWindow(20)))
		if len(results) != 21 {
			t.Fatalf("%d results", len(results))
		}
		for i, r := range results {
			if i < 10 {
				wantUnknown(t, invocations[0], r.err, context.DeadlineExceeded)
			} else {
				wantUnwritten(t, r.err, context.DeadlineExceeded)
			}
			if client.RetryMayHelp(r.err) || r.Item.Name != strconv.Itoa(i) {
				t.Errorf("result %d: %v", i, r.err)
			}
		}
		wantIdle(t, c, 10)
	})
}

// A sequence that was received wholly before ctx ends has no further result.
func TestEnqueueManyHasNoResultWithoutAnItem(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		c := p.dial(format)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		for _, err := range c.EnqueueMany(ctx, counting(5, nil, nil)) {
			if n++; n == 5 {
				cancel()
			}
			if err != nil {
				t.Error(err)
			}
		}
		for r := range c.EnqueueMany(ctx, named()) {
			t.Errorf("%+v is a result of no item", r)
		}
		results := all(c.EnqueueMany(ctx, counting(5, nil, nil)))
		if len(results) != 1 {
			t.Fatalf("%d results of a ctx that had ended", len(results))
		}
		wantUnwritten(t, results[0].err, context.Canceled)
		if n := len(j.all()); n != 5 {
			t.Errorf("%d items were enqueued", n)
		}
	})
}

func TestEnqueueManyRefusesAWindowOutOfItsRange(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		c := newPeer(t).dial(format)
		for _, window := range []int{-1, 0, 65_537} {
			results := all(c.EnqueueMany(t.Context(), counting(5, nil, nil), client.WithWindow(window)))
			if len(results) != 1 || results[0].err == nil || !strings.Contains(results[0].err.Error(), "WithWindow") || !client.SafeToRetry(results[0].err) {
				t.Errorf("a window of %d: %+v", window, results)
			}
		}
	})
}

// With a window of 1 the sequence can use the results of the items before.
func TestEnqueueManyWithAWindowOfOneFeedsItsSequence(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		j := keepJournal(p)
		last := make(chan string, 1)
		items := func(yield func(client.EnqueueItem) bool) {
			for name := "0"; yield(client.EnqueueItem{Name: name}) && len(name) < 12; {
				name = <-last
			}
		}
		for done, err := range p.dial(format).EnqueueMany(t.Context(), items, client.WithWindow(1)) {
			if err != nil {
				t.Fatal(err)
			}
			last <- done.Result.JobID
		}
		if diff := cmp.Diff([]string{"0", "job_0", "job_job_0", "job_job_job_0"}, j.all()); diff != "" {
			t.Error(diff)
		}
	})
}
