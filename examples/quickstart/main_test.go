package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/leak"
)

func TestMain(m *testing.M) { leak.Check(m) }

func TestTheStoryEndsWell(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), &out); err != nil {
		t.Fatalf("%v after:\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "In msgpack:") || !strings.HasSuffix(out.String(), "Every step's result was checked.\n") {
		t.Errorf("the story is:\n%s", out.String())
	}
}

// TestTheStoryNoticesWhatIsWrong has the server do wrong in each chapter.
func TestTheStoryNoticesWhatIsWrong(t *testing.T) {
	t.Parallel()
	altered := func(from, to string, m fault.Match) fault.Fault {
		return fault.Rewrite(func(fr *fault.Frame) {
			fr.Data = []byte(strings.ReplaceAll(string(fr.Data), from, to))
		}, m)
	}
	for name, fault := range map[string]fault.Fault{
		"another queue":      altered("critical", "default", fault.Replies(client.MethodJobEnqueue)),
		"another priority":   altered(`"priority":10`, `"priority":1`, fault.Replies(client.MethodJobGet)),
		"a failed run":       altered("completed", "failed", fault.Replies(client.MethodWorkflowGet)),
		"a missing step":     altered("charge", "refund", fault.Replies(client.MethodWorkflowTimeline)),
		"a lost payment":     fault.Refuse(client.CodeInternal, "no", fault.Requests(client.MethodWorkflowEvent)),
		"a job that goes on": altered("cancelled", "failed", fault.Replies(client.MethodJobGet)),
		"no counters":        altered(`"total_published":`, `"total":`, fault.Replies(client.MethodStats)),
		"a refused token":    fault.Refuse(client.CodeUnauthorized, "no", fault.Requests(client.MethodAuth)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := devserver.New(devserver.WithQueues("default", "critical"))
			register(srv)
			if err := srv.Listen("127.0.0.1:0"); err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			srv.Inject(fault)
			if err := demo(t.Context(), io.Discard, srv, "json"); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the story ended with %v", err)
			}
		})
	}
}
