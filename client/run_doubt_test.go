package client_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestRecordThatIsReadLateIsNoneOfARunThatWasSentLater(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		read := make(chan struct{})
		r.deny = func(c *peerConn, fr *wire.Frame) bool {
			if fr.Method != client.MethodWorkflowGet || field(fr, "run_id") != "a" {
				return false
			}
			go func() {
				<-read
				c.reply(fr, map[string]any{"id": "a", "name": "w", "state": "running", "input": encode64(order("1"))})
			}()
			return true
		}
		first := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		r.start(1)
		r.begin("a", "w", order("1"))
		synctest.Wait()
		second := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		r.start(2)
		close(read)
		wantID(t, first, "a")
		wantNoID(t, second)
		r.begin("b", "w", order("1"))
		wantID(t, second, "b")
	})
}

func TestRunThatEndsLeavesItsDoubtToTheOther(t *testing.T) {
	eachRun(t, func(t *testing.T, r *runner, c *client.Client) {
		ctx, cancel := context.WithCancel(t.Context())
		given, err := c.RunWorkflow(ctx, "w", order("1"), client.WithRunKey(inputKey))
		if err != nil {
			t.Fatal(err)
		}
		r.start(1)
		other := startRun(t, c, "w", order("1"), client.WithRunKey(inputKey))
		s := r.start(2)
		r.begin("a", "w", order("1"))
		r.begin("b", "w", order("1"))
		cancel()
		_, _ = given.ID(t.Context()) // waits until it is given up
		wantNoID(t, other)
		r.end("b", "w", "completed", order("1"))
		s.reply("b", "completed")
		wantID(t, other, "b")
		wantEvents(t, other, "workflow.started b", "workflow.completed b")
	})
}
