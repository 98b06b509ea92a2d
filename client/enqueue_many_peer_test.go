// This file has what tests of EnqueueMany share.
package client_test

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// journal is the names of the jobs that a peer has enqueued, in order.
type journal struct {
	mu    sync.Mutex
	names []string
}

// keepJournal has a peer enqueue jobs, refuse those whose names begin with "bad", and not answer
// those whose names begin with "mute".
func keepJournal(p *peer) *journal {
	j := new(journal)
	p.handle = func(c *peerConn, fr *wire.Frame) {
		name := field(fr, "name")
		switch {
		case fr.Method != client.MethodJobEnqueue:
			c.polite(fr)
		case strings.HasPrefix(name, "bad"):
			c.refuse(fr, 400, "bad name")
		default:
			j.add(name)
			if strings.HasPrefix(name, "mute") {
				return
			}
			c.reply(fr, map[string]string{"job_id": "job_" + name, "queue": "default", "state": "pending"})
		}
	}
	return j
}

func (j *journal) add(name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.names = append(j.names, name)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.names...)
}

func (j *journal) forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.names = nil
}

// mute is a handler that enqueues nothing and answers no item.
func mute(c *peerConn, fr *wire.Frame) {
	if fr.Method != client.MethodJobEnqueue {
		c.polite(fr)
	}
}

// named is items with these names, in order.
func named(names ...string) iter.Seq[client.EnqueueItem] {
	return func(yield func(client.EnqueueItem) bool) {
		for _, name := range names {
			if !yield(client.EnqueueItem{Name: name}) {
				return
			}
		}
	}
}

// counting is n items that are named by their numbers, with a payload each; without end if n is
// negative. taken is how many were taken.
func counting(n int, payload any, taken *int) iter.Seq[client.EnqueueItem] {
	return func(yield func(client.EnqueueItem) bool) {
		for i := 0; i != n; i++ {
			if taken != nil {
				*taken = i + 1
			}
			if !yield(client.EnqueueItem{Name: strconv.Itoa(i), Payload: payload}) {
				return
			}
		}
	}
}

// result is an item of a batch that has ended.
type result struct {
	client.Enqueued
	err error
}

// all receives every result of a batch.
func all(batch iter.Seq2[client.Enqueued, error]) (results []result) {
	for done, err := range batch {
		results = append(results, result{done, err})
	}
	return results
}

// wantDone checks that every item of counting was enqueued, once and in order.
func wantDone(t *testing.T, results []result, j *journal, n int) {
	t.Helper()
	if len(results) != n {
		t.Errorf("%d results of %d items", len(results), n)
	}
	for i, r := range results {
		if name := strconv.Itoa(i); r.err != nil || r.Item.Name != name || r.Result.JobID != "job_"+name {
			t.Fatalf("result %d is %+v, %v", i, r.Enqueued, r.err)
		}
	}
	names := j.all()
	if len(names) != n {
		t.Errorf("%d of %d items were enqueued", len(names), n)
	}
	for i, name := range names {
		if name != strconv.Itoa(i) {
			t.Fatalf("item %s was enqueued as the %dth", name, i)
		}
	}
}

func isUnknown(err error) bool {
	_, ok := errors.AsType[*client.OutcomeUnknownError](err)
	return ok
}

// wantIdle checks that a batch has left nothing behind: the client, whose calls in flight are
// limited to n, takes n calls at once, and then drains.
func wantIdle(t *testing.T, c *client.Client, n int) {
	t.Helper()
	var calls sync.WaitGroup
	for range n {
		calls.Go(func() {
			if _, err := c.GetJob(t.Context(), "1"); err != nil {
				t.Errorf("a call after the batch: %v", err)
			}
		})
	}
	calls.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), shortly)
	defer cancel()
	if err := c.Drain(ctx); err != nil {
		t.Errorf("Drain after the batch: %v", err)
	}
}
