package client_test

import (
	"testing"

	"github.com/xraph/dispatch/client"
)

func TestCallsAndEvents(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		r, err := c.Enqueue(t.Context(), "a", map[string]int{"x": 1}, client.WithQueue("critical"))
		if err != nil || r.JobID != "job_1" {
			t.Fatal(r, err)
		}
		sub, err := c.Subscribe(t.Context(), "jobs")
		if err != nil {
			t.Fatal(err)
		}
		p.conn(1).event(client.EventJobStarted, "job:1", map[string]any{"job_id": "1"})
		if ev := next(t, sub); ev.Type != client.EventJobStarted {
			t.Fatal(ev)
		}
		p.conn(1).Cut()
		if ev := next(t, sub); ev.Type != client.EventGap {
			t.Fatal(ev)
		}
		if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
			t.Fatal(err)
		}
	})
}
