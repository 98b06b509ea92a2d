package client_test

import (
	"testing"

	"github.com/xraph/dispatch/client"
)

func TestServerCannotForgeAGap(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub, err := c.Subscribe(t.Context(), client.ChannelJobs)
		if err != nil {
			t.Fatal(err)
		}
		p.conn(1).event(client.EventGap, "job:1", map[string]int{"Count": 7})
		ev := next(t, sub)
		if _, unknown := ev.Payload().(*client.UnknownEvent); ev.Type == client.EventGap || ev.Synthetic || !unknown || ev.Topic != "job:1" {
			t.Errorf("the server's gap: %+v, %T", ev, ev.Payload())
		}
	})
}
