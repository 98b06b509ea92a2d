package devserver_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/internal/wire"
)

// arrived returns the topics, or types without one, of the events that are there.
func (p *peer) arrived() (events []string) {
	synctest.Wait()
	for len(p.frames) > 0 {
		ev := p.event()
		if ev.Topic == "" {
			ev.Topic = ev.Type
		}
		events = append(events, ev.Topic)
	}
	return events
}

func TestChannelsMatchTopics(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		for channel, want := range map[string][]string{
			"jobs":       {"job:1", "job:2"},
			"workflows":  {"workflow:1"},
			"firehose":   {"job:1", "job:2", "workflow:1", "cron.fired"},
			"job:1":      {"job:1"},
			"workflow:1": {"workflow:1"},
			"workflow:2": nil,
			"queue:q":    nil,
		} {
			p := b.login(format)
			result := must[wire.SubscribeResult](p, "subscribe", object{"channel": channel, "credits": 1})
			if diff := cmp.Diff(wire.SubscribeResult{Channel: channel, Status: "subscribed"}, result); diff != "" {
				b.Error(diff)
			}
			b.srv.Publish(client.EventJobStarted, "job:1", &client.JobEvent{JobID: "1", JobName: "x", Queue: "q"})
			b.srv.Publish(client.EventJobStarted, "job:2", &client.JobEvent{JobID: "2", JobName: "x", Queue: "q"})
			b.srv.Publish(client.EventWorkflowStarted, "workflow:1", &client.WorkflowEvent{RunID: "1", Name: "x"})
			b.srv.Publish(client.EventCronFired, "", &client.CronEvent{EntryName: "x", JobID: "1"})
			if diff := cmp.Diff(want, p.arrived()); diff != "" {
				b.Errorf("%s: %s", channel, diff)
			}
			must[object](p, "unsubscribe", object{"channel": channel})
			b.srv.Publish(client.EventJobStarted, "job:1", object{})
			if got := p.arrived(); got != nil {
				b.Errorf("%s: after unsubscribe came %v", channel, got)
			}
		}
	})
}

func TestAnEventComesOnceHoweverManySubscriptionsMatch(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		for _, channel := range []string{"jobs", "firehose", "job:1", "jobs"} {
			must[object](p, "subscribe", object{"channel": channel})
		}
		b.srv.Publish(client.EventJobStarted, "job:1", object{})
		if diff := cmp.Diff([]string{"job:1"}, p.arrived()); diff != "" {
			b.Error(diff)
		}
		stats := must[client.Stats](p, "stats", nil)
		if diff := cmp.Diff(client.BrokerStats{TopicCount: 3, SubscriberCount: 1, TotalPublished: 1}, stats.Broker); diff != "" {
			b.Error(diff)
		}
	})
}

func TestACronEntryFires(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "firehose"})
		id, err := b.srv.FireCron("nightly", "cleanup", object{"days": 7})
		if err != nil {
			b.Fatal(err)
		}
		synctest.Wait()
		var types []string
		for len(p.frames) > 0 {
			types = append(types, p.event().Type)
		}
		if diff := cmp.Diff([]string{"job.enqueued", "job.started", "cron.fired"}, types); diff != "" {
			b.Error(diff)
		}
		if job := must[client.Job](p, "job.get", object{"job_id": id}); job.Name != "cleanup" || string(job.Payload) != `{"days":7}` {
			b.Errorf("the job is %+v", job)
		}
	})
}

func TestEventsWithoutCreditsAreDroppedInSilence(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		must[object](p, "subscribe", object{"channel": "jobs"})
		arrived := 0
		for i := range 1500 {
			b.srv.Publish(client.EventJobStarted, fmt.Sprint("job:", i), object{})
			arrived += len(p.arrived())
		}
		if arrived != 1000 {
			b.Errorf("%d events arrived of 1500", arrived)
		}
		if stats := must[client.Stats](p, "stats", nil); stats.Broker.TotalDropped != 0 || stats.Broker.TotalPublished != 1500 {
			b.Errorf("the counters are %+v", stats.Broker)
		}
		p.send(&wire.Frame{Type: wire.TypeEvent, Credits: 1})
		synctest.Wait()
		b.srv.Publish(client.EventJobStarted, "job:a", object{})
		b.srv.Publish(client.EventJobStarted, "job:b", object{})
		if diff := cmp.Diff([]string{"job:a"}, p.arrived()); diff != "" {
			b.Error(diff)
		}
	})
}

func TestEventsBeyondTheSendQueueAreDroppedInSilence(t *testing.T) {
	for name, test := range map[string]struct {
		opts []devserver.Option
		want int
	}{
		"by default": {nil, 256},
		"lifted":     {[]devserver.Option{devserver.WithSendQueue(0), devserver.WithoutCredits()}, 2000},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, test.opts, func(b *bubble, format wire.Format) {
				p := b.login(format)
				must[object](p, "subscribe", object{"channel": "jobs"})
				// All of them are published while the connection is being written to.
				b.srv.Inject(fault.Do(func() {
					for i := range 2000 {
						b.srv.Publish(client.EventJobStarted, fmt.Sprint("job:", i), object{})
					}
				}, fault.Pongs().Nth(1)))
				p.send(&wire.Frame{Type: wire.TypePing})
				if fr := p.next(); fr.Type != wire.TypePong {
					b.Errorf("want a pong, got %+v", fr)
				}
				if got := len(p.arrived()); got != test.want {
					b.Errorf("%d events arrived, want %d", got, test.want)
				}
				if drops := b.srv.Drops(); drops.Queue != 2000-test.want {
					b.Errorf("dropped: %+v", drops)
				}
			})
		})
	}
}
