package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

const inputKey = "order"

func order(id string) map[string]string { return map[string]string{inputKey: id} }

// eachRun runs a test of RunWorkflow in both formats.
func eachRun(t *testing.T, f func(t *testing.T, r *runner, c *client.Client)) {
	t.Helper()
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := runWorkflows(p)
		f(t, r, p.dial(format))
	})
}

func TestRunIsKnownByItsKeyBeforeItEnds(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		wantNoID(t, run)
		r.begin("b", "w", order("2"))     // of another client
		r.begin("other", "x", order("1")) // another workflow
		wantNoID(t, run)
		r.begin("a", "w", order("1"))
		wantID(t, run, "a")
		r.emit(client.EventWorkflowStepCompleted, "b", "w")
		r.emit(client.EventWorkflowStepCompleted, "a", "w")
		r.end("a", "w", "completed", order("1"))
		s.reply("a", "completed")
		wantRecord(t, run, "a", client.RunStateCompleted)
		wantEvents(t, run, "workflow.started a", "workflow.step_completed a", "workflow.completed a")
	})
}

func TestRunWithoutAKeyIsNotGuessed(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"))
		s := r.start(1)
		r.begin("a", "w", order("1")) // it is this one, and nothing else is near
		r.emit(client.EventWorkflowStepCompleted, "a", "w")
		r.begin("b", "w", order("1"))
		r.begin("x", "x", order("1"))
		wantNoID(t, run)
		if diff := cmp.Diff([]string{"a", "b"}, run.Candidates()); diff != "" {
			t.Errorf("Candidates: %s", diff)
		}
		if len(r.readsOf()) > 0 {
			t.Errorf("records were read without a reason: %v", r.readsOf())
		}
		r.end("a", "w", "completed", order("1"))
		s.reply("a", "completed")
		wantID(t, run, "a")
		wantEvents(t, run, "workflow.started a", "workflow.step_completed a", "workflow.completed a")
		if diff := cmp.Diff([]string{"a"}, run.Candidates()); diff != "" {
			t.Errorf("Candidates: %s", diff)
		}
	})
}

func TestRunsThatBeganBeforeTheRequestAreNoCandidates(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		first := startRun(t, c, "w", order("1"))
		r.start(1)
		r.begin("a", "w", order("1"))
		synctest.Wait()
		second := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		r.start(2)
		wantNoID(t, second)
		if diff := cmp.Diff([]string{"a"}, first.Candidates()); diff != "" {
			t.Errorf("Candidates of the first: %s", diff)
		}
		if ids := second.Candidates(); ids != nil {
			t.Errorf("Candidates of the second: %v", ids)
		}
	})
}

func TestRunWithARandomKey(t *testing.T) {
	for name, test := range map[string]struct {
		input any
		want  map[string]any // besides the key
	}{
		"struct":      {struct{ To string }{"me"}, map[string]any{"To": "me"}},
		"map":         {map[string]int{"n": 1}, map[string]any{"n": 1.0}},
		"raw message": {json.RawMessage(` { "n" : "<&>" } `), map[string]any{"n": "<&>"}},
		"empty":       {struct{}{}, map[string]any{}},
		"empty raw":   {json.RawMessage("{ }"), map[string]any{}},
	} {
		t.Run(name, func(t *testing.T) {
			eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
				run := startRun(t, c, "w", test.input, client.WithRunKey("run <key>"))
				var input map[string]any
				if err := json.Unmarshal(r.start(1).input, &input); err != nil {
					t.Fatal(err)
				}
				r.begin("b", "w", map[string]any{"run <key>": "another"})
				r.begin("a", "w", input)
				wantID(t, run, "a")
				key, _ := input["run <key>"].(string)
				delete(input, "run <key>")
				if diff := cmp.Diff(test.want, input); diff != "" || len(key) < 20 {
					t.Errorf("the key is %q, and the rest: %s", key, diff)
				}
			})
		})
	}
}

func TestRunKeysThatAreRefused(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		for name, test := range map[string]struct {
			input any
			opt   client.RunOption
		}{
			"no input":       {nil, client.WithRunKey("k")},
			"nil map":        {map[string]string(nil), client.WithRunKey("k")},
			"array":          {[]int{1}, client.WithRunKey("k")},
			"bytes":          {[]byte(`{"k":1}`), client.WithRunKey("k")},
			"null":           {map[string]any{"k": nil}, client.WithRunKey("k")},
			"empty string":   {map[string]any{"k": ""}, client.WithRunKey("k")},
			"boolean":        {map[string]any{"k": true}, client.WithRunKey("k")},
			"object":         {map[string]any{"k": map[string]int{"a": 1}}, client.WithRunKey("k")},
			"no member":      {map[string]any{"k": 1}, client.WithRunKey("")},
			"bad input":      {map[string]any{"k": func() {}}, client.WithRunKey("k")},
			"bad raw":        {json.RawMessage(`{"k":`), client.WithRunKey("k")},
			"foreign option": {nil, struct{ client.RunOption }{}},
		} {
			run, err := c.RunWorkflow(t.Context(), "w", test.input, test.opt)
			if err == nil || run != nil || !client.SafeToRetry(err) {
				t.Errorf("%s: %v, %v", name, run, err)
			}
		}
		synctest.Wait()
		for _, method := range p.seen() {
			t.Errorf("a request of %s", method)
		}
	})
}

func TestInputWithoutAKeyIsSentAsItIs(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		inputs := []any{nil, json.RawMessage(`[1,"x"]`), struct{ A int }{1}, "text"}
		for i, want := range []string{"null", `[1,"x"]`, `{"A":1}`, `"text"`} {
			startRun(t, c, "w", inputs[i])
			if got := string(r.start(i + 1).input); got != want {
				t.Errorf("input %d: %s, want %s", i, got, want)
			}
		}
	})
}

func TestInputIsEncodedBeforeRunWorkflowReturns(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		input := order("1")
		startRun(t, c, "w", input)
		input[inputKey] = "changed"
		if got := string(r.start(1).input); got != `{"order":"1"}` {
			t.Errorf("input: %s", got)
		}
	})
}

func TestReplyThatContradictsTheKeyIsAnError(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(1)
		r.begin("theirs", "w", order("1")) // another client's, with the same value
		wantID(t, run, "theirs")
		r.record("mine", "w", "completed", order("1"))
		s.reply("mine", "completed")
		_, wait := run.Wait(t.Context())
		_, id := run.ID(t.Context())
		_, events := eventsOf(t, run)
		for name, err := range map[string]error{"Wait": wait, "ID": id, "Events": events} {
			var mismatch *client.RunMismatchError
			if !errors.As(err, &mismatch) {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(&client.RunMismatchError{Member: inputKey, Found: "theirs", RunID: "mine"}, mismatch); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if client.SafeToRetry(err) {
				t.Errorf("%s: it is not safe to retry", name)
			}
		}
	})
}

func TestKeyOfTwoCandidatesDecidesNothing(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		answered := make(chan struct{})
		r.deny = func(c *peerConn, fr *wire.Frame) bool { // both records are read before
			if fr.Method == client.MethodWorkflowGet && field(fr, "run_id") == "a" {
				go func() {
					<-answered
					c.reply(fr, map[string]any{"id": "a", "name": "w", "state": "running", "input": encode64(order("1"))})
				}()
				return true
			}
			return false
		}
		one := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		two := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s1, s2 := r.start(1), r.start(2)
		r.begin("a", "w", order("1"))
		r.begin("b", "w", order("1"))
		wantNoID(t, one)
		wantNoID(t, two)
		close(answered)
		wantNoID(t, one)
		wantNoID(t, two)
		r.end("b", "w", "failed", order("1"))
		s1.reply("b", "failed") // which leaves a to the other
		synctest.Wait()
		if id, _ := two.ID(t.Context()); id == "b" { // it was the first to have a lane
			one, two = two, one
		}
		wantID(t, one, "b")
		wantID(t, two, "a")
		r.end("a", "w", "completed", order("1"))
		s2.reply("a", "completed")
	})
}

func TestRunThatAnotherRunStartedIsNoneOfOurs(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		r.start(1)
		r.begin("child", "w", order("1"), "parent_run_id", "a")
		wantNoID(t, run)
		r.begin("a", "w", order("1"))
		wantID(t, run, "a")
	})
}

func TestCandidatesRecordIsReadOnceHoweverManyCallsWait(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		r := runWorkflows(p)
		c := p.dial(format, client.WithLanes(50))
		for i := range 50 {
			startRun(t, c, "w", map[string]int{inputKey: i}, client.WithRunKey(inputKey))
		}
		r.start(50)
		for _, id := range []string{"a", "b"} {
			r.begin(id, "w", order("of somebody else"))
		}
		synctest.Wait()
		if diff := cmp.Diff(map[string]int{"a": 1, "b": 1}, r.readsOf()); diff != "" {
			t.Errorf("reads of the candidates: %s", diff)
		}
	})
}

func TestReplyBeforeTheEventsOfTheRun(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		s := r.start(1)
		r.record("a", "w", "completed", nil)
		s.reply("a", "completed")
		wantRecord(t, run, "a", client.RunStateCompleted)
		time.Sleep(100 * time.Millisecond) // the events are on their way
		for _, ev := range []client.EventType{client.EventWorkflowStarted, client.EventWorkflowStepCompleted, client.EventWorkflowCompleted} {
			r.emit(ev, "a", "w")
		}
		wantEvents(t, run, "workflow.started a", "workflow.step_completed a", "workflow.completed a")
	})
}

func TestLastEventOfARunThatDoesNotComeIsMade(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		s := r.start(1)
		r.begin("a", "w", nil)
		r.record("a", "w", "failed", nil)
		s.reply("a", "failed")
		wantRecord(t, run, "a", client.RunStateFailed)
		wantEvents(t, run, "workflow.started a", "workflow.failed a synthetic")
	})
}

func TestRecordThatLagsBehindTheReplyIsReadAgain(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		s := r.start(1)
		r.begin("a", "w", nil)
		time.AfterFunc(time.Second, func() { r.record("a", "w", "completed", nil, "output", encode64(1)) })
		s.reply("a", "completed")
		record, err := run.Wait(t.Context())
		if err != nil || record.State != client.RunStateCompleted || string(record.Output) != "1" {
			t.Errorf("%+v, %v", record, err)
		}
	})
}

func TestWaitsOfARunAreBoundedByTheirOwnCtx(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		run := startRun(t, c, "w", nil)
		s := r.start(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, wait := run.Wait(ctx)
		_, id := run.ID(ctx)
		var events error
		for _, err := range run.Events(ctx) {
			events = err
		}
		for name, err := range map[string]error{"Wait": wait, "ID": id, "Events": events} {
			if !errors.Is(err, context.DeadlineExceeded) || client.SafeToRetry(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		r.end("a", "w", "completed", nil)
		s.reply("a", "completed")
		wantRecord(t, run, "a", client.RunStateCompleted)
	})
}
