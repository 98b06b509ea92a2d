package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
)

// works counts, for every piece of work that must not be done twice, how often it was done and what
// its caller got.
type works struct {
	mu   sync.Mutex
	list []piece
}

type piece struct {
	done uint8 // times
	got  answer
}

type answer uint8

const (
	pending answer = iota
	succeeded
	unknown // it may have been done, once
	undone
)

// begin makes a new piece of work and returns its number.
func (w *works) begin() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, piece{})
	return len(w.list) - 1
}

func (w *works) done(key int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list[key].done++
}

func (w *works) record(key int, got answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list[key].got = got
}

// check compares, in the end, the work done with the results.
func (w *works) check(s *soak) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, p := range w.list {
		switch {
		case p.got == pending:
			s.violate("work %d: its caller got no result", key)
		case p.done > 1:
			s.violate("work %d was done %d times", key, p.done)
		case p.got == undone && p.done > 0:
			s.violate("work %d was done, and its caller got the error that it was not", key)
		}
	}
}

// call makes calls, one after another.
func (s *soak) call(ctx context.Context, c *client.Client) {
	var job string
	for ctx.Err() == nil {
		timeout := time.Second + rand.N(4*time.Second)
		deadline := time.Now().Add(timeout)
		each, cancel := context.WithDeadline(context.Background(), deadline)
		var err error
		switch n := rand.IntN(20); {
		case n < 8:
			key := s.works.begin()
			var made *client.EnqueueResult
			if made, err = c.Enqueue(each, "work", key, client.WithPriority(n)); err == nil {
				job = made.JobID
			}
			s.unsafe(key, err)
		case n < 9:
			key := s.works.begin()
			_, err = c.StartWorkflow(each, "flow", key)
			s.unsafe(key, err)
		case n < 15 && job != "":
			var got *client.Job
			if got, err = c.GetJob(each, job); err == nil && got.ID != job {
				s.violate("asked for job %s and got %s", job, got.ID)
			}
			s.repeatable(err)
		default:
			_, err = c.Stats(each)
			s.repeatable(err)
		}
		cancel()
		s.totals.calls.Add(1)
		if late := time.Since(deadline); late > patience {
			s.violate("a call returned %v after its deadline: %v", late, err)
		}
		pause(ctx, rand.N(4*time.Millisecond))
	}
}

// unsafe takes note of how a call ended that must not be made twice.
func (s *soak) unsafe(key int, err error) {
	switch {
	case err == nil:
		s.works.record(key, succeeded)
	case client.SafeToRetry(err):
		s.totals.safe.Add(1)
		s.works.record(key, undone)
	default:
		s.totals.unknown.Add(1)
		s.works.record(key, unknown)
		if _, ok := errors.AsType[*client.OutcomeUnknownError](err); !ok {
			s.violate("an unsafe call failed without saying that its outcome is unknown: %v", err)
		}
	}
}

func (s *soak) repeatable(err error) {
	if err == nil {
		return
	}
	s.totals.safe.Add(1)
	if !client.SafeToRetry(err) || errors.Is(err, client.ErrNotFound) {
		s.violate("a call that can be repeated failed: %v", err)
	}
}

// await enqueues jobs and awaits them.
func (s *soak) await(ctx context.Context, c *client.Client, _ int) {
	for pause(ctx, rand.N(100*time.Millisecond)) {
		key := s.works.begin()
		each, cancel := context.WithTimeout(context.Background(), 2*patience)
		made, err := c.Enqueue(each, "work", key)
		s.unsafe(key, err)
		if err == nil {
			var job *client.Job
			if job, err = c.AwaitJob(each, made.JobID); err != nil || job.State != client.JobStateCompleted {
				s.violate("awaiting job %s: %v", made.JobID, err)
			}
			s.totals.awaited.Add(1)
		}
		cancel()
	}
}
