package client_test

import (
	"strconv"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// TestManyEventsArriveWithoutLoss has a server that enforces credits, and takes as many events as
// come, publish 20,000 of them: at once, and in rounds that the client's credits have to keep up
// with.
func TestManyEventsArriveWithoutLoss(t *testing.T) {
	t.Parallel()
	const events = 20_000
	for name, test := range map[string]struct {
		round int
		opts  []client.Option
	}{
		"at once":   {events, nil},
		"in rounds": {250, []client.Option{client.WithCredits(1000)}},
	} {
		for _, format := range []string{"json", "msgpack"} {
			t.Run(name+" in "+format, func(t *testing.T) {
				t.Parallel()
				srv := devserver.New(devserver.WithSendQueue(0))
				if err := srv.Listen("127.0.0.1:0"); err != nil {
					t.Fatal(err)
				}
				defer srv.Close()
				c, err := client.DialContext(t.Context(), srv.URL(), append(test.opts, client.WithToken(devserver.DefaultToken), client.WithFormat(format))...)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				sub, err := c.Subscribe(t.Context(), client.ChannelJobs, client.WithBuffer(events, 64<<20))
				if err != nil {
					t.Fatal(err)
				}
				for next := 0; next < events; {
					for i := next; i < next+test.round; i++ {
						id := strconv.Itoa(i)
						srv.Publish(client.EventJobStarted, client.JobChannel(id), &client.JobEvent{JobID: id, JobName: "x", Queue: "q"})
					}
					for range test.round {
						ev, err := sub.Next(t.Context())
						if err != nil {
							t.Fatal(err)
						}
						if p, ok := ev.Payload().(*client.JobEvent); !ok || p.JobID != strconv.Itoa(next) {
							t.Fatalf("event %d is %s %s: %+v", next, ev.Type, ev.Topic, ev.Payload())
						}
						next++
					}
					// The answer shows that a grant sent before has been taken.
					if _, err := c.Stats(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if lost := srv.Drops(); lost != (devserver.Drops{}) || sub.Dropped() != 0 {
					t.Errorf("the server lost %+v, the subscription %d", lost, sub.Dropped())
				}
			})
		}
	}
}
