package client_test

import (
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// records makes the peer answer job.get and workflow.get with the present state and count the
// questions.
type records struct {
	state atomic.Pointer[string] // nil: not found
	asked atomic.Int64
}

func keepRecords(p *peer, state string) *records {
	r := new(records)
	r.state.Store(&state)
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Method != client.MethodJobGet && fr.Method != client.MethodWorkflowGet {
			c.polite(fr)
			return
		}
		r.asked.Add(1)
		state := r.state.Load()
		if state == nil {
			c.refuse(fr, 404, "not found")
			return
		}
		c.reply(fr, map[string]string{"id": "1", "name": "n", "state": *state, "completed_at": "2026-11-23T14:29:34Z"})
	}
	return r
}

func (r *records) set(state string) { r.state.Store(&state) }

// whole pulls a subscription to its end in order.
func whole(t *testing.T, sub *client.Subscription) (evs []*client.Event) {
	t.Helper()
	for ev, err := range sub.All(t.Context()) {
		if err != nil {
			t.Errorf("All: %v", err)
			return evs
		}
		evs = append(evs, ev)
	}
	return evs
}

func watch(t *testing.T, c *client.Client) *client.Subscription {
	t.Helper()
	sub, err := c.Watch(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func TestWatchEndsAfterTheLastEvent(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepRecords(p, "running")
		sub := watch(t, p.dial(format))
		for _, e := range []client.EventType{"workflow.started", "workflow.step_completed", "workflow.failed", "workflow.completed"} {
			p.conn(1).event(e, "workflow:1", map[string]any{"run_id": "1"})
		}
		evs := whole(t, sub)
		if diff := cmp.Diff([]string{"workflow.started", "workflow.step_completed", "workflow.failed"}, story(t, evs)); diff != "" {
			t.Error(diff)
		}
		if evs[2].Synthetic {
			t.Error("a received event is marked Synthetic")
		}
		if _, err := sub.Next(t.Context()); err != io.EOF || sub.Err() != nil {
			t.Errorf("%v, %v", err, sub.Err())
		}
	})
}

func TestWatchOfARunThatEndedBeforeMakesItsLastEvent(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		for state, want := range map[string]client.EventType{
			"completed": client.EventWorkflowCompleted, "failed": client.EventWorkflowFailed,
		} {
			p := newPeer(t)
			keepRecords(p, state)
			evs := whole(t, watch(t, p.dial(format)))
			if len(evs) != 1 || evs[0].Type != want || !evs[0].Synthetic || evs[0].Topic != "workflow:1" {
				t.Fatalf("%s: %+v", state, evs)
			}
			if payload := evs[0].Payload().(*client.WorkflowEvent); payload.RunID != "1" || payload.Name != "n" {
				t.Errorf("%+v", payload)
			}
		}
	})
}

func TestWatchOfNoRunIsNotFound(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepRecords(p, "").state.Store(nil)
		c := p.dial(format)
		if sub, err := c.Watch(t.Context(), "1"); sub != nil || !errors.Is(err, client.ErrNotFound) {
			t.Errorf("Watch: %v", err)
		}
		if _, err := c.AwaitWorkflow(t.Context(), "1"); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("AwaitWorkflow: %v", err)
		}
		if _, err := c.AwaitJob(t.Context(), "1"); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("AwaitJob: %v", err)
		}
	})
}

func TestWatchReadsTheRecordEveryFifteenSecondsAndAfterAGap(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := keepRecords(p, "running")
		c := p.dial(format)
		sub := watch(t, c)
		time.Sleep(time.Hour)
		if n := r.asked.Load(); n < 200 || n > 301 {
			t.Errorf("asked %d times in an hour", n)
		}
		start := time.Now()
		r.set("completed")
		if evs := whole(t, sub); len(evs) != 1 || !evs[0].Synthetic || time.Since(start) > 20*time.Second {
			t.Errorf("the silent end: %v after %v", evs, time.Since(start))
		}

		r.set("running")
		sub = watch(t, c)
		start = time.Now()
		r.set("failed")
		p.conn(1).Cut()
		evs := whole(t, sub)
		if diff := cmp.Diff([]string{"gap reconnect 0", "workflow.failed"}, story(t, evs)); diff != "" || time.Since(start) > 2*time.Second {
			t.Errorf("the end behind a gap, after %v: %s", time.Since(start), diff)
		}
	})
}

func TestWatchDeliversReceivedEventsBeforeItsReads(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepRecords(p, "completed")
		sub := watch(t, p.dial(format))
		time.Sleep(100 * time.Millisecond) // the record's news has overtaken the events
		p.conn(1).event("workflow.step_completed", "workflow:1", map[string]any{})
		p.conn(1).event("workflow.completed", "workflow:1", map[string]any{})
		evs := whole(t, sub)
		if len(evs) != 2 || evs[1].Synthetic {
			t.Error(story(t, evs))
		}
	})
}

func TestWatchDoesNotLoseItsLastEventToAFullQueue(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepRecords(p, "running")
		sub, err := p.dial(format).Watch(t.Context(), "1", client.WithBuffer(1, 1000), client.WithOverflow(client.OverflowDropNewest))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range []client.EventType{"workflow.started", "workflow.step_completed", "workflow.completed"} {
			p.conn(1).event(e, "workflow:1", map[string]any{})
		}
		if diff := cmp.Diff([]string{"workflow.started", "gap overflow 1", "workflow.completed"}, story(t, whole(t, sub))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWatchOfARunThatTheServerForgetsEnds(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := keepRecords(p, "running")
		sub := watch(t, p.dial(format))
		r.state.Store(nil)
		if _, err := sub.Next(t.Context()); !errors.Is(err, client.ErrNotFound) || !errors.Is(sub.Err(), client.ErrNotFound) {
			t.Error(err, sub.Err())
		}
	})
}

func TestAwaitReturnsTheEndDespiteFaults(t *testing.T) {
	for name, happen := range map[string]func(p *peer, r *records){
		"already": func(_ *peer, r *records) { r.set("completed") },
		"event":   func(p *peer, r *records) { time.Sleep(time.Second); r.set("completed"); p.ended(1) },
		"early event": func(p *peer, r *records) {
			time.Sleep(time.Second)
			p.ended(1)
			time.Sleep(time.Millisecond)
			r.set("completed")
		},
		"no event":       func(_ *peer, r *records) { time.Sleep(time.Second); r.set("completed") },
		"during outage":  func(p *peer, r *records) { time.Sleep(time.Second); p.conn(1).Cut(); r.set("completed") },
		"half-open":      func(p *peer, r *records) { time.Sleep(time.Second); p.conn(1).Freeze(); r.set("completed") },
		"many outages":   func(p *peer, r *records) { p.cutOften(); r.set("completed") },
		"cut after that": func(p *peer, r *records) { time.Sleep(time.Second); r.set("completed"); p.conn(1).Cut() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, format client.Option) {
				p := newPeer(t)
				r := keepRecords(p, "running")
				c := p.dial(format)
				jobs, runs, watched := make(chan error, 1), make(chan error, 1), make(chan error, 1)
				go func() {
					job, err := c.AwaitJob(t.Context(), "1")
					if err == nil && job.State != client.JobStateCompleted {
						err = errors.New(string(job.State))
					}
					jobs <- err
				}()
				go func() {
					run, err := c.AwaitWorkflow(t.Context(), "1")
					if err == nil && run.State != client.RunStateCompleted {
						err = errors.New(string(run.State))
					}
					runs <- err
				}()
				go func() {
					sub, err := c.Watch(t.Context(), "1")
					for err == nil {
						var ev *client.Event
						if ev, err = sub.Next(t.Context()); err == nil && ev.Type == client.EventWorkflowCompleted {
							break
						}
					}
					watched <- err
				}()
				start := time.Now()
				happen(p, r)
				for _, errs := range []chan error{jobs, runs, watched} {
					if err := <-errs; err != nil {
						t.Error(err)
					}
				}
				if took := time.Since(start); took > 10*time.Minute {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestAwaitSeesAJobCancelledWhilePending(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := keepRecords(p, "pending")
		time.AfterFunc(time.Minute, func() { r.set("cancelled") }) // which sends no event
		start := time.Now()
		job, err := p.dial(format).AwaitJob(t.Context(), "1")
		if err != nil || job.State != client.JobStateCancelled || time.Since(start) > 80*time.Second {
			t.Errorf("%+v, %v after %v", job, err, time.Since(start))
		}
		synctest.Wait()
		if seen := p.seen(); seen[len(seen)-1] != client.MethodUnsubscribe {
			t.Errorf("the last request was %s", seen[len(seen)-1])
		}
	})
}

// ended sends the events that say that everything has ended.
func (p *peer) ended(conn int) {
	p.conn(conn).event("job.completed", "job:1", map[string]any{})
	p.conn(conn).event("workflow.completed", "workflow:1", map[string]any{})
}

func (p *peer) cutOften() {
	for range 20 {
		time.Sleep(700 * time.Millisecond)
		p.conn(p.count()).Cut()
	}
}

func TestWatchSeesAnEndThatComesBeforeTheReply(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		p.handle = func(c *peerConn, fr *wire.Frame) {
			if fr.Method == client.MethodSubscribe {
				c.event("workflow.completed", "workflow:1", map[string]any{})
				synctest.Wait()
			}
			c.polite(fr)
		}
		evs := whole(t, watch(t, p.dial(format)))
		if diff := cmp.Diff([]string{"workflow.completed"}, story(t, evs)); diff != "" || evs[0].Synthetic {
			t.Error(diff)
		}
	})
}

func TestAwaitEndsWithTheDrain(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		keepRecords(p, "running")
		c := p.dial(format)
		ended := make(chan error, 1)
		go func() {
			_, err := c.AwaitJob(t.Context(), "j")
			ended <- err
		}()
		synctest.Wait()
		if err := c.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, client.ErrDraining) && !errors.Is(err, client.ErrClosed) {
			t.Errorf("AwaitJob ended with %v", err)
		}
	})
}
