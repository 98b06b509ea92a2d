package devserver_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/internal/wire"
)

// begin starts a workflow without waiting for the reply, and returns the request's id.
func (p *peer) begin(name string, input any) string {
	p.t.Helper()
	return p.send(&wire.Frame{Type: wire.TypeRequest, Method: "workflow.start", Data: raw(p.t, object{"name": name, "input": input})})
}

func (p *peer) run(id string) client.WorkflowRun {
	p.t.Helper()
	return must[client.WorkflowRun](p, "workflow.get", object{"run_id": id})
}

func TestAWorkflowRunsStepByStep(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleWorkflow("order", func(_ context.Context, run *devserver.Run) (any, error) {
			for _, step := range []string{"validate", "charge"} {
				if err := run.Step(step, func(context.Context) (any, error) {
					time.Sleep(20 * time.Millisecond)
					return step + "d", nil
				}); err != nil {
					return nil, err
				}
			}
			return object{"order": string(run.Input())}, nil
		})
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "workflows"})
		result := must[client.WorkflowResult](p, "workflow.start", object{"name": "order", "input": 7})
		if diff := cmp.Diff(client.WorkflowResult{RunID: result.RunID, Name: "order", State: "completed"}, result); diff != "" {
			b.Error(diff)
		}
		want := client.WorkflowRun{
			ID: result.RunID, Name: "order", State: client.RunStateCompleted, Input: []byte("7"), Output: []byte(`{"order":"7"}`),
			ScopeAppID: "app-1", ScopeOrgID: "org-1", Version: 1,
		}
		run := p.run(result.RunID)
		if diff := cmp.Diff(want, run, cmpopts.IgnoreTypes(time.Time{})); diff != "" {
			b.Error(diff)
		}
		if took := run.CompletedAt.Sub(run.StartedAt); took != 40*time.Millisecond || run.UpdatedAt != run.CompletedAt {
			b.Errorf("the run took %v", took)
		}
		timeline := must[[]client.TimelineEntry](p, "workflow.timeline", object{"run_id": run.ID})
		if diff := cmp.Diff([]client.TimelineEntry{
			{StepName: "validate", Data: gobOf(b.T, "validated"), CreatedAt: run.StartedAt.Add(20 * time.Millisecond)},
			{StepName: "charge", Data: gobOf(b.T, "charged"), CreatedAt: run.StartedAt.Add(40 * time.Millisecond)},
		}, timeline); diff != "" {
			b.Error(diff)
		}
		if diff := cmp.Diff([]string{
			"workflow.started", "workflow.step_completed", "workflow.step_completed", "workflow.completed",
		}, watcher.types()); diff != "" {
			b.Error(diff)
		}
	})
}

func TestAFailedStepFailsTheRun(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		step := func(made any, err error) devserver.WorkflowHandler {
			return func(_ context.Context, run *devserver.Run) (any, error) {
				return "unused", run.Step("explode", func(context.Context) (any, error) { return made, err })
			}
		}
		b.srv.HandleWorkflow("bad", step(nil, errors.New("step failed")))
		b.srv.HandleWorkflow("no gob", step(make(chan int), nil))
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "workflows"})
		for name, want := range map[string]string{
			"bad":    `workflow bad step "explode": step failed`,
			"no gob": `workflow no gob step "explode": gob NewTypeObject can't handle type: chan int`,
		} {
			result := must[client.WorkflowResult](p, "workflow.start", object{"name": name, "input": nil})
			run := p.run(result.RunID)
			if result.State != "failed" || run.State != client.RunStateFailed || run.Error != want || run.Output != nil {
				b.Errorf("%+v", run)
			}
			if timeline := p.timeline(run.ID); len(timeline) > 0 {
				b.Errorf("the timeline is %+v", timeline)
			}
			if diff := cmp.Diff([]string{"workflow.started", "workflow.step_failed", "workflow.failed"}, watcher.types()); diff != "" {
				b.Error(diff)
			}
		}
	})
}

func TestThePanicOfAWorkflowDropsItsConnection(t *testing.T) {
	log, text := warnings()
	inBubble(t, []devserver.Option{devserver.WithLogger(log)}, func(b *bubble, format wire.Format) {
		handlers := map[string]devserver.WorkflowHandler{
			"handler": func(context.Context, *devserver.Run) (any, error) { panic("oh") },
			"step": func(_ context.Context, run *devserver.Run) (any, error) {
				return nil, run.Step("explode", func(context.Context) (any, error) { panic("oh") })
			},
			"child": func(_ context.Context, run *devserver.Run) (any, error) { return run.RunChild("handler", nil) },
		}
		for name, h := range handlers {
			b.srv.HandleWorkflow(name, h)
		}
		watcher := b.login(format)
		must[object](watcher, "subscribe", object{"channel": "workflows"})
		for name := range handlers {
			p := b.login(format)
			p.begin(name, nil)
			b.ended(p, 0)
			started := watcher.types()
			for _, event := range started {
				if event != "workflow.started" {
					b.Errorf("%s: %v", name, started)
				}
			}
			for _, entry := range b.srv.Journal("workflow.start") {
				if run := watcher.run(entry.ID); run.State != client.RunStateRunning || !run.CompletedAt.IsZero() {
					b.Errorf("the run is %+v", run)
				}
			}
		}
		if !strings.Contains(text.String(), "level=ERROR") || !strings.Contains(text.String(), "panic=oh") {
			b.Errorf("it logged %s", text)
		}
	})
}

func TestAnUnknownRunHasAnEmptyTimeline(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		reply, _ := b.login(format).ask("workflow.timeline", object{"run_id": "wfrun_01h2xcejqtf2nbrexx3vqjhp41"})
		if reply.Error != nil || string(reply.Data) != "[]" {
			b.Errorf("the reply is %+v", reply)
		}
	})
}

func (p *peer) timeline(run string) []client.TimelineEntry {
	p.t.Helper()
	return must[[]client.TimelineEntry](p, "workflow.timeline", object{"run_id": run})
}

// gobOf is a value as production servers store it.
func gobOf(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// waiting has a workflow that waits a time for the event paid. got returns what each run was given,
// in the order of its end.
func waiting(b *bubble, timeout time.Duration) (got func() []string) {
	var mu sync.Mutex
	var given []string
	b.srv.HandleWorkflow("payment", func(_ context.Context, run *devserver.Run) (any, error) {
		payload, err := run.WaitForEvent("paid", timeout)
		mu.Lock()
		defer mu.Unlock()
		given = append(given, fmt.Sprintf("%s: %q %v", run.Input(), payload, err))
		return nil, err
	})
	return func() []string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(given)
	}
}

func TestAnEventIsKeptForTheNextWaiter(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		got := waiting(b, time.Hour)
		p := b.login(format)
		must[object](p, "workflow.event", object{"name": "refused", "payload": "another"})
		must[object](p, "workflow.event", object{"name": "paid", "payload": 1})
		must[object](p, "workflow.event", object{"name": "paid"})
		begin := time.Now()
		for i := range 3 {
			run := must[client.WorkflowResult](p, "workflow.start", object{"name": "payment", "input": i})
			if timeline := p.timeline(run.RunID); len(timeline) != 1 || timeline[0].StepName != "wait:paid" {
				b.Errorf("the timeline is %+v", timeline)
			}
		}
		if diff := cmp.Diff([]string{`0: "1" <nil>`, `1: "" <nil>`, `2: "" <nil>`}, got()); diff != "" {
			b.Error(diff)
		}
		if took := time.Since(begin); took != time.Hour {
			b.Errorf("the third waited %v", took)
		}
	})
}

func TestAnEventIsForTheFirstWaiter(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		got := waiting(b, time.Hour)
		for i := range 3 {
			b.login(format).begin("payment", i)
			time.Sleep(time.Second)
		}
		p := b.login(format)
		for i := range 2 {
			must[object](p, "workflow.event", object{"name": "paid", "payload": "event " + strconv.Itoa(i)})
			synctest.Wait()
		}
		if diff := cmp.Diff([]string{`0: "\"event 0\"" <nil>`, `1: "\"event 1\"" <nil>`}, got()); diff != "" {
			b.Error(diff)
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff(`2: "" <nil>`, got()[2]); diff != "" {
			b.Errorf("after the timeout: %s", diff)
		}
		// those that gave up wait no longer
		must[object](p, "workflow.event", object{"name": "paid", "payload": "kept"})
		p.begin("payment", 3)
		synctest.Wait()
		if diff := cmp.Diff(`3: "\"kept\"" <nil>`, got()[3]); diff != "" {
			b.Error(diff)
		}
	})
}

func TestRetentionBoundsTheEventsThatAreKept(t *testing.T) {
	inBubble(t, []devserver.Option{devserver.WithRetention(2)}, func(b *bubble, format wire.Format) {
		got := waiting(b, time.Second)
		p := b.login(format)
		for i := range 4 {
			must[object](p, "workflow.event", object{"name": "paid", "payload": i})
		}
		for i := range 3 {
			must[object](p, "workflow.start", object{"name": "payment", "input": i})
		}
		if diff := cmp.Diff([]string{`0: "2" <nil>`, `1: "3" <nil>`, `2: "" <nil>`}, got()); diff != "" {
			b.Error(diff)
		}
	})
}

func TestAWaitEndsWithTheServer(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		got := waiting(b, 0)
		b.login(format).begin("payment", 0)
		time.Sleep(24 * time.Hour)
		if len(got()) != 0 {
			b.Errorf("a wait without a timeout ended with %v", got())
		}
		b.srv.Close()
		if diff := cmp.Diff([]string{`0: "" workflow payment: wait for event "paid": context canceled`}, got()); diff != "" {
			b.Error(diff)
		}
	})
}

// TestAnEventOnTheConnectionOfItsWorkflowComesTooLate is what production servers do.
func TestAnEventOnTheConnectionOfItsWorkflowComesTooLate(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		got := waiting(b, time.Hour)
		p := b.login(format)
		id := p.begin("payment", nil)
		published := p.send(&wire.Frame{Type: wire.TypeRequest, Method: "workflow.event", Data: raw(b.T, object{"name": "paid"})})
		begin := time.Now()
		if fr := p.next(); fr.CorrelID != id || !strings.Contains(string(fr.Data), "completed") {
			b.Errorf("the reply is %+v", fr)
		}
		if took := time.Since(begin); took != time.Hour {
			b.Errorf("it took %v", took)
		}
		if fr := p.next(); fr.CorrelID != published || fr.Error != nil {
			b.Errorf("the reply is %+v", fr)
		}
		if diff := cmp.Diff([]string{`null: "" <nil>`}, got()); diff != "" {
			b.Error(diff)
		}
	})
}

func TestAWorkflowRunsAnother(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		var child string
		b.srv.HandleWorkflow("parent", func(_ context.Context, run *devserver.Run) (any, error) {
			if _, err := run.RunChild("unknown", nil); err == nil {
				b.Error("an unknown workflow ran")
			}
			if _, err := run.RunChild("child", "fail"); err == nil || err.Error() != "as asked" {
				b.Errorf("the failed child gave %v", err)
			}
			return run.RunChild("child", 1)
		})
		b.srv.HandleWorkflow("child", func(ctx context.Context, run *devserver.Run) (any, error) {
			child = run.ID()
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if string(run.Input()) == `"fail"` {
				return nil, errors.New("as asked")
			}
			return "from " + run.Name(), nil
		})
		p := b.login(format)
		parent := p.run(must[client.WorkflowResult](p, "workflow.start", object{"name": "parent", "input": nil}).RunID)
		if string(parent.Output) != `"from child"` {
			b.Errorf("the parent is %+v", parent)
		}
		if run := p.run(child); run.ParentRunID != parent.ID || run.ScopeAppID != "app-1" {
			b.Errorf("the child is %+v", run)
		}
	})
}

func TestARunOutlivesItsConnection(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleWorkflow("slow", func(context.Context, *devserver.Run) (any, error) {
			time.Sleep(time.Minute)
			return nil, nil
		})
		p, other := b.login(format), b.login(format)
		p.begin("slow", nil)
		synctest.Wait()
		p.net.Close()
		time.Sleep(time.Hour)
		if run := other.run(b.srv.Journal()[0].ID); run.State != client.RunStateCompleted {
			b.Errorf("the run is %s", run.State)
		}
	})
}

func TestAWaitWithoutTimeLeftEndsAtOnce(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleWorkflow("late", func(_ context.Context, run *devserver.Run) (any, error) {
			began := time.Now()
			payload, err := run.WaitForEvent("paid", time.Until(began.Add(-time.Second)))
			return object{"payload": payload == nil, "waited": time.Since(began).String()}, err
		})
		p := b.login(format)
		result := must[client.WorkflowResult](p, "workflow.start", object{"name": "late", "input": 1})
		if run := p.run(result.RunID); string(run.Output) != `{"payload":true,"waited":"0s"}` {
			b.Errorf("the run is %s: %s %s", run.State, run.Output, run.Error)
		}
	})
}

func TestAStepFailsWhenGobPanicsAtItsResult(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleWorkflow("nil", func(_ context.Context, run *devserver.Run) (any, error) {
			return nil, run.Step("find", func(context.Context) (any, error) { return (*object)(nil), nil })
		})
		p := b.login(format)
		result := must[client.WorkflowResult](p, "workflow.start", object{"name": "nil", "input": 1})
		want := `workflow nil step "find": encode what the step returned: gob: cannot encode nil pointer of type *map[string]interface {}`
		if run := p.run(result.RunID); run.Error != want {
			b.Errorf("the run is %s: %q", run.State, run.Error)
		}
	})
}
