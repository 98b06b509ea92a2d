package client

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xraph/dispatch/codec"
	"github.com/xraph/dispatch/internal/wire"
)

// reach is which events a channel is about.
type reach uint8

const (
	reachAll reach = iota
	reachJobs
	reachWorkflows
	reachTopic // those of one job or run
	reachQueue // those of the jobs of one queue
)

// route is where the events of a subscription come from: the channel that the server knows, and which of its events.
type route struct {
	reach  reach
	key    string // the topic or the queue
	server string
}

// The prefixes of topics and channels.
var (
	jobPrefix      = JobChannel("")
	workflowPrefix = WorkflowChannel("")
	queuePrefix    = QueueChannel("")
)

// routeOf resolves a channel. A server accepts queue: channels and publishes nothing to them, so they are served
// from jobs. Channels that it does not know are left to the server to refuse.
func routeOf(channel string) (route, error) {
	queue, isQueue := strings.CutPrefix(channel, queuePrefix)
	switch {
	case channel == "":
		return route{}, fmt.Errorf("%w: no channel named", ErrBadRequest)
	case isQueue && queue == "":
		return route{}, fmt.Errorf("%w: %q names no queue", ErrBadRequest, channel)
	case isQueue:
		return route{reach: reachQueue, key: queue, server: ChannelJobs}, nil
	case channel == ChannelFirehose:
		return route{reach: reachAll, server: channel}, nil
	case channel == ChannelJobs:
		return route{reach: reachJobs, server: channel}, nil
	case channel == ChannelWorkflows:
		return route{reach: reachWorkflows, server: channel}, nil
	}
	return route{reach: reachTopic, key: channel, server: channel}, nil
}

// mayMatch reports whether an event could be for the route of which only the topic is known, or nothing if that is empty. A
// topic of neither a job nor a workflow says nothing either.
func (r *route) mayMatch(topic string) bool {
	job, workflow := strings.HasPrefix(topic, jobPrefix), strings.HasPrefix(topic, workflowPrefix)
	switch {
	case !job && !workflow, r.reach == reachAll:
		return true
	case r.reach == reachTopic:
		return r.key == topic
	case r.reach == reachWorkflows:
		return workflow
	}
	return job
}

// routes is who gets what. An event comes once per connection, marked with its entity's topic, however many channels it
// belongs to, so it goes by type and topic to every subscription that it matches.
type routes struct {
	wide   map[reach][]*Subscription
	topics map[string][]*Subscription
}

func newRoutes() routes {
	return routes{wide: make(map[reach][]*Subscription), topics: make(map[string][]*Subscription)}
}

func (r *routes) add(sub *Subscription) {
	if sub.route.reach == reachTopic {
		r.topics[sub.route.key] = append(r.topics[sub.route.key], sub)
		return
	}
	r.wide[sub.route.reach] = append(r.wide[sub.route.reach], sub)
}

func (r *routes) remove(sub *Subscription) {
	if sub.route.reach != reachTopic {
		r.wide[sub.route.reach] = without(r.wide[sub.route.reach], sub)
		return
	}
	left := without(r.topics[sub.route.key], sub)
	if len(left) == 0 {
		delete(r.topics, sub.route.key)
		return
	}
	r.topics[sub.route.key] = left
}

// without returns a copy, so that whoever walks over the list goes on with the old one.
func without(list []*Subscription, sub *Subscription) []*Subscription {
	i := slices.Index(list, sub)
	if i < 0 {
		return list
	}
	return slices.Concat(list[:i], list[i+1:])
}

// each calls f for every subscription that an event matches.
func (r *routes) each(ev *Event, f func(*Subscription)) {
	all := func(list []*Subscription) {
		for _, sub := range list {
			f(sub)
		}
	}
	all(r.wide[reachAll])
	switch {
	case strings.HasPrefix(ev.Topic, jobPrefix), ev.Topic == "" && strings.HasPrefix(string(ev.Type), "job."):
		all(r.wide[reachJobs])
		if queued := r.wide[reachQueue]; len(queued) > 0 {
			name := queueOf(ev)
			for _, sub := range queued {
				if sub.route.key == name {
					f(sub)
				}
			}
		}
	case strings.HasPrefix(ev.Topic, workflowPrefix), ev.Topic == "" && strings.HasPrefix(string(ev.Type), "workflow."):
		all(r.wide[reachWorkflows])
	}
	if ev.Topic != "" {
		all(r.topics[ev.Topic])
	}
}

// queueOf reads the queue out of a job event's payload, "" if there is none.
func queueOf(ev *Event) (queue string) {
	s := codec.NewScanner(ev.Data)
	s.Object()
	for s.Member() {
		if string(s.Key()) == "queue" {
			codec.ScanString(&s, &queue)
		} else {
			s.Skip()
		}
	}
	if s.End() != nil {
		return ""
	}
	return queue
}

var errForgedGap = fmt.Errorf("dispatch: a server's event of the client's own type %q", EventGap)

// eventOf opens an event frame. One whose envelope does not decode keeps its topic, so that whom it
// concerns can be told.
func eventOf(fr *wire.Frame) Event {
	var env wire.EventEnvelope
	if err := wire.DecodeEnvelope(fr.Data, &env); err != nil {
		return Event{Time: fr.TS, Topic: fr.Channel, Data: fr.Data, err: fmt.Errorf("dispatch: undecodable event: %w", err)}
	}
	if env.Topic == "" {
		env.Topic = fr.Channel
	}
	if EventType(env.Type) == EventGap {
		// Whoever sees that type relies on there being a Gap.
		return Event{Time: env.TS, Topic: env.Topic, Data: env.Data, err: errForgedGap}
	}
	return Event{Type: EventType(env.Type), Time: env.TS, Topic: env.Topic, Data: env.Data}
}
