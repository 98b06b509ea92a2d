package client_test

import (
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

func TestRunWorkflowCountsAgainstTheWaitingLimit(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := runWorkflows(p)
		c := p.dial(format, client.WithLanes(1), client.WithLimits(client.Limits{WaitingCalls: 1}))
		startRun(t, c, "w", nil) // without a pause between
		second := startRun(t, c, "w", nil)
		_, err := c.RunWorkflow(t.Context(), "w", nil)
		wantUnwritten(t, err, client.ErrTooManyCalls)
		s := r.start(1)
		if n := c.Counters(); n.LanesInUse != 1 || n.LanesWaiting != 1 {
			t.Errorf("%d lanes in use, %d calls waiting for one; want 1 and 1", n.LanesInUse, n.LanesWaiting)
		}
		r.record("a", "w", "completed", nil)
		s.reply("a", "completed")
		r.start(2).reply("a", "completed")
		wantRecord(t, second, "a", client.RunStateCompleted)
		if n := c.Counters(); n.LanesInUse != 0 || n.LanesWaiting != 0 {
			t.Errorf("%d lanes in use, %d calls waiting for one; want none", n.LanesInUse, n.LanesWaiting)
		}
	})
}

func TestRunWorkflowWithoutASession(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, every(time.Minute), client.WithLimits(client.Limits{WaitingCalls: 2}))
		fast := p.dial(format, every(time.Minute), client.WithFailFast(true))
		p.conn(1).Cut()
		p.conn(2).Cut()
		synctest.Wait()
		_, err := fast.RunWorkflow(t.Context(), "w", nil)
		wantUnwritten(t, err, client.ErrNotConnected)
		var runs []*client.Run
		for range 2 {
			runs = append(runs, startRun(t, c, "w", nil))
		}
		_, err = c.RunWorkflow(t.Context(), "w", nil)
		wantUnwritten(t, err, client.ErrTooManyCalls)
		for _, run := range runs {
			wantID(t, slowly(run), "wfrun_1")
		}
	})
}

// slowly gives a run two minutes.
func slowly(run *client.Run) *client.Run {
	time.Sleep(2 * time.Minute)
	return run
}

func TestRunWorkflowOfAClientThatEnds(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := runWorkflows(p)
		c := p.dial(format)
		startRun(t, c, "w", nil)
		r.start(1)
		go c.Drain(t.Context())
		synctest.Wait()
		_, err := c.RunWorkflow(t.Context(), "w", nil)
		wantUnwritten(t, err, client.ErrDraining)
		c.Close()
		_, err = c.RunWorkflow(t.Context(), "w", nil)
		wantUnwritten(t, err, client.ErrClosed)
	})
}

func TestEventsOfCandidatesAreKeptWithinBounds(t *testing.T) {
	const kept = 8192
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		s := r.start(1)
		r.begin("a", "w", nil)
		r.emit(client.EventWorkflowStepCompleted, "a", "w")
		r.begin("b", "w", nil)
		main := r.main()
		for range kept - 1 { // the first event of a goes
			main.event(client.EventWorkflowStepCompleted, "workflow:b", map[string]any{"run_id": "b", "name": "w"})
		}
		synctest.Wait()
		r.end("a", "w", "completed", nil) // and the second
		s.reply("a", "completed")
		wantEvents(t, run, "gap overflow 2", "workflow.completed a")
	})
}

func TestCandidatesAreForgottenOldestFirst(t *testing.T) {
	const known = 1024
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		s := r.start(1)
		main := r.main()
		for i := range known + 1 {
			main.event(client.EventWorkflowStarted, "workflow:"+strconv.Itoa(i), map[string]any{"run_id": "", "name": "w"})
		}
		synctest.Wait()
		ids := run.Candidates()
		if len(ids) != known || ids[0] != "1" || ids[known-1] != strconv.Itoa(known) {
			t.Errorf("%d candidates, from %s to %s", len(ids), ids[0], ids[len(ids)-1])
		}
		r.end("0", "w", "completed", nil)
		s.reply("0", "completed")
		wantID(t, run, "0")
		r.emit(client.EventWorkflowCompleted, "0", "w")
		wantEvents(t, run, "workflow.started ", "gap overflow", "workflow.completed 0")
	})
}

func TestEventsOfARunThatNobodyReadsAreBounded(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		r.begin("a", "w", order("1"))
		wantID(t, run, "a")
		for range 1025 {
			r.main().event(client.EventWorkflowStepCompleted, "workflow:a", map[string]any{"run_id": "a", "name": "w"})
		}
		synctest.Wait()
		r.end("a", "w", "completed", order("1"))
		s.reply("a", "completed")
		wantRecord(t, run, "a", client.RunStateCompleted)
		events, err := eventsOf(t, run)
		if err != nil || len(events) != 1026 || events[0] != "gap overflow 2" || events[1025] != "workflow.completed a" {
			t.Errorf("%d events, first %s: %v", len(events), events[0], err)
		}
	})
}

// watchChannels returns a function that returns the requests to subscribe and unsubscribe.
func (r *runner) watchChannels() func() []string {
	var seen []string
	r.deny = func(_ *peerConn, fr *wire.Frame) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		switch fr.Method {
		case client.MethodSubscribe:
			seen = append(seen, "+"+field(fr, "channel"))
		case client.MethodUnsubscribe:
			seen = append(seen, "-"+field(fr, "channel"))
		}
		return false
	}
	return func() []string {
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		return slices.Clone(seen)
	}
}

func TestRunsShareOneSubscriptionThatEndsWhenItIsIdle(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		channels := r.watchChannels()
		runs := []*client.Run{startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))}
		s := r.start(1)
		runs = append(runs, startRun(t, c, "w", nil))
		r.start(2).reply("b", "completed")
		r.record("b", "w", "completed", nil)
		r.begin("a", "w", order("1"))
		wantID(t, runs[0], "a")
		wantID(t, runs[1], "b")
		time.Sleep(29 * time.Second)
		startRun(t, c, "w", nil) // begins another time of idleness
		r.start(3).reply("b", "completed")
		time.Sleep(29 * time.Second)
		if diff := cmp.Diff([]string{"+workflows", "+workflow:b", "+workflow:a", "-workflow:b", "+workflow:b", "-workflow:b"}, channels()); diff != "" {
			t.Errorf("before the time is over: %s", diff)
		}
		time.Sleep(2 * time.Second)
		if got := channels(); got[len(got)-1] != "-workflows" {
			t.Errorf("after it: %v", got)
		}
		r.end("a", "w", "completed", order("1")) // by its own channel
		s.reply("a", "completed")
		wantEvents(t, runs[0], "workflow.started a", "workflow.completed a")
		if got := channels(); got[len(got)-1] != "-workflow:a" {
			t.Errorf("in the end: %v", got)
		}
	})
}

func TestSharedSubscriptionOutlastsAnUnconfirmedOneOfARun(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		channels := r.watchChannels()
		count := r.deny
		r.deny = func(c *peerConn, fr *wire.Frame) bool {
			count(c, fr)
			if fr.Method == client.MethodSubscribe && field(fr, "channel") == "workflow:a" {
				c.refuse(fr, 429, "not now")
				return true
			}
			return false
		}
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		r.begin("a", "w", order("1"))
		wantID(t, run, "a")
		time.Sleep(5 * time.Minute)
		if slices.Contains(channels(), "-workflows") {
			t.Errorf("the events of the run come by no channel")
		}
		r.end("a", "w", "completed", order("1"))
		s.reply("a", "completed")
		wantEvents(t, run, "workflow.started a", "workflow.completed a")
	})
}

func TestRunsWithoutTheScopeSubscribe(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		r.deny = func(c *peerConn, fr *wire.Frame) bool {
			if fr.Method == client.MethodSubscribe {
				c.refuse(fr, 403, "missing scope")
				return true
			}
			return false
		}
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		r.record("a", "w", "completed", nil)
		s.reply("a", "completed")
		wantID(t, run, "a")
		wantRecord(t, run, "a", client.RunStateCompleted)
		events, err := eventsOf(t, run)
		wantScope(t, err, client.ScopeSubscribe)
		if len(events) > 0 {
			t.Errorf("events: %v", events)
		}
	})
}

func TestRunsWithoutTheScopeToReadWorkflows(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		r.deny = func(c *peerConn, fr *wire.Frame) bool {
			if fr.Method == client.MethodWorkflowGet {
				c.refuse(fr, 403, "missing scope")
				return true
			}
			return false
		}
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s1 := r.start(1)
		other := startRun(t, c, "w", nil)
		s2 := r.start(2)
		r.begin("a", "w", order("1"))
		wantNoID(t, run)
		s1.reply("a", "failed")
		s2.reply("b", "completed")
		wantID(t, run, "a")
		r.emit(client.EventWorkflowFailed, "a", "w")
		record, err := run.Wait(t.Context())
		wantScope(t, err, client.ScopeWorkflowRead)
		if diff := cmp.Diff(&client.WorkflowRun{ID: "a", Name: "w", State: "failed"}, record); diff != "" {
			t.Errorf("the record: %s", diff)
		}
		wantEvents(t, run, "workflow.started a", "workflow.failed a")
		_, err = eventsOf(t, other) // whose last event does not come
		wantScope(t, err, client.ScopeWorkflowRead)
	})
}

func wantScope(t *testing.T, err error, scope string) {
	t.Helper()
	if !errors.Is(err, client.ErrForbidden) || client.SafeToRetry(err) || !strings.Contains(err.Error(), scope) {
		t.Errorf("%v does not name the scope %s", err, scope)
	}
}

func TestServerThatNeverConfirmsTheSubscription(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		confirm := make(chan struct{})
		r.deny = func(c *peerConn, fr *wire.Frame) bool {
			select {
			case <-confirm:
				return false
			default:
				return fr.Method == client.MethodSubscribe
			}
		}
		run := startRun(t, c, "w", nil)
		time.Sleep(14 * time.Second)
		if r.count() > 0 {
			t.Error("the workflow was started before it could be followed")
		}
		time.Sleep(2 * time.Second)
		s := r.start(1)
		close(confirm)
		time.Sleep(time.Minute)
		r.begin("a", "w", nil)
		r.end("a", "w", "completed", nil)
		s.reply("a", "completed")
		wantEvents(t, run, "gap reconnect", "workflow.started a", "workflow.completed a")
	})
}
