package client

import (
	"fmt"
	"strings"

	"github.com/xraph/dispatch/codec"
)

// route is where the events of a subscription come from: the channel that the server knows, and
// which of its events.
type route struct {
	server string
	queue  string // only those of the jobs of this queue; "" for all events
}

// The prefixes of topics and channels.
var (
	jobPrefix      = JobChannel("")
	workflowPrefix = WorkflowChannel("")
	queuePrefix    = QueueChannel("")
)

// routeOf resolves a channel. A server accepts queue: channels and publishes nothing to them, so
// they are served from jobs. Channels that it does not know are left to the server to refuse.
func routeOf(channel string) (route, error) {
	queue, isQueue := strings.CutPrefix(channel, queuePrefix)
	switch {
	case channel == "":
		return route{}, fmt.Errorf("%w: no channel named", ErrBadRequest)
	case isQueue && queue == "":
		return route{}, fmt.Errorf("%w: %q names no queue", ErrBadRequest, channel)
	case isQueue:
		return route{server: ChannelJobs, queue: queue}, nil
	}
	return route{server: channel}, nil
}

// mayMatch reports whether an event of which only the topic is known could be for the route. A
// topic of neither a job nor a workflow, or an empty one, excludes nothing.
func (r *route) mayMatch(topic string) bool {
	job, workflow := strings.HasPrefix(topic, jobPrefix), strings.HasPrefix(topic, workflowPrefix)
	switch {
	case !job && !workflow, r.server == ChannelFirehose:
		return true
	case r.server == ChannelJobs:
		return job
	case r.server == ChannelWorkflows:
		return workflow
	}
	return r.server == topic
}

// queueOf returns the queue in a job event's payload, "" if there is none.
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
