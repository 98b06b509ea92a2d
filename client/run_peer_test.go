// This file is a peer that runs workflows as a server does, but when the test says so.
package client_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// runner is a peer's workflow runs. A request of workflow.start waits for the test, which begins,
// steps and ends runs, and replies.
type runner struct {
	p *peer
	// takes a request over, if it returns true
	deny func(c *peerConn, fr *wire.Frame) bool

	mu         sync.Mutex
	subscribed *peerConn
	starts     []*started
	records    map[string]map[string]any
	reads      map[string]int
}

// started is a request of workflow.start and the connection that it came by.
type started struct {
	conn  *peerConn
	fr    *wire.Frame
	name  string
	input json.RawMessage
}

func runWorkflows(p *peer) *runner {
	r := &runner{p: p, records: make(map[string]map[string]any), reads: make(map[string]int)}
	p.handle = func(c *peerConn, fr *wire.Frame) {
		if fr.Type == wire.TypeRequest && r.deny != nil && r.deny(c, fr) {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		switch fr.Method {
		case client.MethodSubscribe:
			r.subscribed = c
			c.polite(fr)
		case client.MethodWorkflowStart:
			var data struct {
				Name  string          `json:"name"`
				Input json.RawMessage `json:"input"`
			}
			json.Unmarshal(fr.Data, &data)
			r.starts = append(r.starts, &started{c, fr, data.Name, data.Input})
		case client.MethodWorkflowGet:
			id := field(fr, "run_id")
			r.reads[id]++
			if record := r.records[id]; record != nil {
				c.reply(fr, record)
			} else {
				c.refuse(fr, 404, "no such run")
			}
		default:
			c.polite(fr)
		}
	}
	return r
}

// start returns the nth request, from 1, once everything has come to rest.
func (r *runner) start(n int) *started {
	r.p.t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if n > len(r.starts) {
		r.p.t.Fatalf("%d requests of workflow.start, want %d", len(r.starts), n)
	}
	return r.starts[n-1]
}

// record sets a run's record.
func (r *runner) record(id, name, state string, input any, members ...string) {
	record := map[string]any{"id": id, "name": name, "state": state}
	if input != nil {
		record["input"] = encode64(input)
	}
	for i := 0; i < len(members); i += 2 {
		record[members[i]] = members[i+1]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records[id] = record
}

// begin makes a run, and sends its first event by the main session.
func (r *runner) begin(id, name string, input any, members ...string) {
	r.record(id, name, "running", input, members...)
	r.emit(client.EventWorkflowStarted, id, name)
}

// emit sends an event by the latest connection that is a main session.
func (r *runner) emit(t client.EventType, id, name string) {
	r.main().event(t, "workflow:"+id, map[string]any{"run_id": id, "name": name})
}

// main is the connection by which the client subscribed last.
func (r *runner) main() *peerConn {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.subscribed
}

// end ends a run, with its last event.
func (r *runner) end(id, name, state string, input any, members ...string) {
	r.record(id, name, state, input, members...)
	r.emit(client.EventType("workflow."+state), id, name)
}

func (s *started) reply(id, state string) {
	s.conn.reply(s.fr, map[string]string{"run_id": id, "name": s.name, "state": state})
}

// startRun starts a workflow and fails the test if that fails.
func startRun(t *testing.T, c *client.Client, name string, input any, opts ...client.RunOption) *client.Run {
	t.Helper()
	run, err := c.RunWorkflow(t.Context(), name, input, opts...)
	if err != nil {
		t.Fatalf("RunWorkflow: %v", err)
	}
	return run
}

// eventsOf reads a run's events to their end, a minute at most, and returns their types and what
// they are about.
func eventsOf(t *testing.T, run *client.Run) (events []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ev, err := range run.Events(ctx) {
		if err != nil {
			return events, err
		}
		events = append(events, textOf(ev))
	}
	return events, nil
}

func textOf(ev *client.Event) string {
	switch p := ev.Payload().(type) {
	case *client.Gap:
		if p.Count > 0 {
			return fmt.Sprintf("gap %s %d", p.Cause, p.Count)
		}
		return "gap " + string(p.Cause)
	case *client.WorkflowEvent:
		text := string(ev.Type) + " " + p.RunID
		if ev.Synthetic {
			text += " synthetic"
		}
		return text
	}
	return fmt.Sprintf("%T", ev.Payload())
}

func wantEvents(t *testing.T, run *client.Run, want ...string) {
	t.Helper()
	got, err := eventsOf(t, run)
	if err != nil {
		t.Errorf("Events: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Events: %s", diff)
	}
}

// wantID checks a run's id, which is to be known at once.
func wantID(t *testing.T, run *client.Run, want string) {
	t.Helper()
	synctest.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if id, err := run.ID(ctx); id != want || err != nil {
		t.Errorf("ID: %q, %v; want %q", id, err, want)
	}
}

// wantNoID checks that a run's id is not known yet.
func wantNoID(t *testing.T, run *client.Run) {
	t.Helper()
	synctest.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if id, err := run.ID(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ID: %q, %v; want none yet", id, err)
	}
}

func wantRecord(t *testing.T, run *client.Run, id string, state client.RunState) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	record, err := run.Wait(ctx)
	if err != nil || record.ID != id || record.State != state {
		t.Errorf("Wait: %+v, %v; want %s %s", record, err, id, state)
	}
}

func encode64(v any) string { return base64.StdEncoding.EncodeToString(encode(v)) }

// mismatches provokes the error of a run whose key another run has.
func mismatches(p *peer, format client.Option) error {
	r := runWorkflows(p)
	run, err := p.dial(format).RunWorkflow(p.t.Context(), "w", order("1"), client.WithRunKey(inputKey))
	if err != nil {
		return err
	}
	s := r.start(1)
	r.begin("a", "w", order("1"))
	synctest.Wait()
	s.reply("b", "completed")
	_, err = run.Wait(p.t.Context())
	return err
}

// count returns how many requests of workflow.start there were.
func (r *runner) count() int {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.starts)
}

// readsOf returns how often each record was read.
func (r *runner) readsOf() map[string]int {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.reads)
}
