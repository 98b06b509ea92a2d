package devserver_test

import (
	"context"
	"errors"
	"strings"
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
	return p.send(&devserver.Frame{Type: wire.TypeRequest, Method: "workflow.start", Data: raw(p.t, object{"name": name, "input": input})})
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
		if took := run.CompletedAt.Sub(run.StartedAt); took != 40*time.Millisecond {
			b.Errorf("the run took %v", took)
		}
		timeline := must[[]client.TimelineEntry](p, "workflow.timeline", object{"run_id": run.ID})
		if diff := cmp.Diff([]client.TimelineEntry{
			{StepName: "validate", Data: []byte(`"validated"`), CreatedAt: run.StartedAt.Add(20 * time.Millisecond)},
			{StepName: "charge", Data: []byte(`"charged"`), CreatedAt: run.StartedAt.Add(40 * time.Millisecond)},
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
		b.srv.HandleWorkflow("bad", func(_ context.Context, run *devserver.Run) (any, error) {
			return "unused", run.Step("explode", func(context.Context) (any, error) { panic("step failed") })
		})
		b.srv.HandleWorkflow("panics", func(context.Context, *devserver.Run) (any, error) { panic("oh") })
		p, watcher := b.login(format), b.login(format)
		must[object](watcher, "subscribe", object{"channel": "workflows"})
		for name, want := range map[string]string{"bad": `workflow bad step "explode": panic: step failed`, "panics": "panic: oh"} {
			result := must[client.WorkflowResult](p, "workflow.start", object{"name": name, "input": nil})
			run := p.run(result.RunID)
			if result.State != "failed" || run.State != client.RunStateFailed || run.Error != want || run.Output != nil {
				b.Errorf("%+v", run)
			}
			if timeline := must[[]client.TimelineEntry](p, "workflow.timeline", object{"run_id": run.ID}); len(timeline) > 0 {
				b.Errorf("the timeline is %+v", timeline)
			}
			types := []string{"workflow.started", "workflow.step_failed", "workflow.failed"}
			if name == "panics" {
				types = []string{"workflow.started", "workflow.failed"}
			}
			if diff := cmp.Diff(types, watcher.types()); diff != "" {
				b.Error(diff)
			}
		}
	})
}

func TestAWorkflowWaitsForAnEvent(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		var got []string
		b.srv.HandleWorkflow("payment", func(_ context.Context, run *devserver.Run) (any, error) {
			for range 2 {
				payload, err := run.WaitForEvent("paid", time.Hour)
				if err != nil {
					return nil, err
				}
				got = append(got, string(payload))
				time.Sleep(time.Minute)
			}
			return nil, nil
		})
		p, other := b.login(format), b.login(format)
		must[object](other, "workflow.event", object{"name": "paid", "payload": "before the run"})
		id := p.begin("payment", nil)
		synctest.Wait()
		must[object](other, "workflow.event", object{"name": "refused", "payload": "another"})
		must[object](other, "workflow.event", object{"name": "paid", "payload": 1})
		synctest.Wait()
		must[object](other, "workflow.event", object{"name": "paid", "payload": 2}) // nobody waits at this moment
		if fr := p.next(); fr.CorrelID != id || !strings.Contains(string(fr.Data), "completed") {
			b.Errorf("the reply is %+v", fr)
		}
		if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
			b.Error(diff)
		}
	})
}

// TestAnEventOnTheConnectionOfItsWorkflowComesTooLate is what production servers do.
func TestAnEventOnTheConnectionOfItsWorkflowComesTooLate(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		b.srv.HandleWorkflow("payment", func(_ context.Context, run *devserver.Run) (any, error) {
			_, err := run.WaitForEvent("paid", time.Hour)
			if !errors.Is(err, context.DeadlineExceeded) {
				b.Errorf("the wait ended with %v", err)
			}
			return nil, err
		})
		p := b.login(format)
		id := p.begin("payment", nil)
		published := p.send(&devserver.Frame{Type: wire.TypeRequest, Method: "workflow.event", Data: raw(b.T, object{"name": "paid"})})
		begin := time.Now()
		if fr := p.next(); fr.CorrelID != id || !strings.Contains(string(fr.Data), "failed") {
			b.Errorf("the reply is %+v", fr)
		}
		if took := time.Since(begin); took != time.Hour {
			b.Errorf("it took %v", took)
		}
		if fr := p.next(); fr.CorrelID != published || fr.Error != nil {
			b.Errorf("the reply is %+v", fr)
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
			if _, err := run.RunChild("child", "fail"); err == nil || err.Error() != "as told" {
				b.Errorf("the failed child gave %v", err)
			}
			return run.RunChild("child", 1)
		})
		b.srv.HandleWorkflow("child", func(_ context.Context, run *devserver.Run) (any, error) {
			child = run.ID()
			if string(run.Input()) == `"fail"` {
				return nil, errors.New("as told")
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
