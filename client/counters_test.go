package client_test

import (
	"testing"
	"testing/synctest"

	"github.com/xraph/dispatch/client"
)

func TestEventsThatMatchNoSubscriptionAreCountedApart(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		subscribe(t, c, "jobs")
		p.conn(1).event(client.EventJobStarted, "job:1", map[string]string{"job_id": "1"})
		p.conn(1).event(client.EventWorkflowStarted, "workflow:1", map[string]string{"run_id": "1"})
		synctest.Wait()
		if n := c.Counters(); n.Events != 2 || n.UnroutedEvents != 1 {
			t.Errorf("%d events, %d of them unrouted, want 2 and 1", n.Events, n.UnroutedEvents)
		}
	})
}
