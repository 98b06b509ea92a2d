package client

import (
	"slices"
	"strings"
)

// channel is what the subscriptions to one server channel share.
type channel struct {
	name string
	made uint64
	subs []*Subscription // in no order; each knows its index

	// On the present session:
	live   bool // confirmed
	asking asking
}

func (ch *channel) add(sub *Subscription) {
	sub.index = len(ch.subs)
	ch.subs = append(ch.subs, sub)
}

// remove moves the last subscription to the place of the removed one, so the cost does not depend
// on their number.
func (ch *channel) remove(sub *Subscription) {
	last := len(ch.subs) - 1
	moved := ch.subs[last]
	ch.subs[sub.index], moved.index = moved, sub.index
	ch.subs[last] = nil
	ch.subs = ch.subs[:last]
}

// each calls f with every subscription that the event matches. It visits them from the last to the
// first, so f may remove the subscription that it is called with: the one that takes its place was
// visited before.
func (ch *channel) each(ev *Event, f func(*Subscription)) {
	queue, known := "", false
	for _, sub := range slices.Backward(ch.subs) {
		if sub.route.queue != "" {
			if !known {
				queue, known = queueOf(ev), true
			}
			if sub.route.queue != queue {
				continue
			}
		}
		f(sub)
	}
}

// channels holds the channels that have subscriptions, by name. A server sends an event once per
// connection, with the topic of its entity, however many channels it belongs to. The client
// therefore dispatches it by type and topic to every matching channel.
type channels map[string]*channel

// each calls f once with every subscription that an event matches. f may remove that subscription.
func (cs channels) each(ev *Event, f func(*Subscription)) {
	left := len(cs)
	visit := func(name string) {
		if left == 0 {
			return // the look-up would find none
		}
		if ch := cs[name]; ch != nil {
			left--
			ch.each(ev, f)
		}
	}
	visit(ChannelFirehose)
	switch {
	case strings.HasPrefix(ev.Topic, jobPrefix), ev.Topic == "" && strings.HasPrefix(string(ev.Type), "job."):
		visit(ChannelJobs)
	case strings.HasPrefix(ev.Topic, workflowPrefix), ev.Topic == "" && strings.HasPrefix(string(ev.Type), "workflow."):
		visit(ChannelWorkflows)
	}
	switch ev.Topic {
	case "", ChannelFirehose, ChannelJobs, ChannelWorkflows: // no entity's
	default:
		visit(ev.Topic)
	}
}
