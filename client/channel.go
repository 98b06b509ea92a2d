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

// remove puts the last subscription in this one's place, so its cost does not depend on how many
// there are.
func (ch *channel) remove(sub *Subscription) {
	last := len(ch.subs) - 1
	moved := ch.subs[last]
	ch.subs[sub.index], moved.index = moved, sub.index
	ch.subs[last] = nil
	ch.subs = ch.subs[:last]
}

// each calls f for every subscription that wants the event. f may remove the one that it is called
// with: from the end on, only one that was visited already comes in its place.
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

// channels is every channel with subscriptions, by its name. An event comes once per connection,
// marked with its entity's topic, however many channels it belongs to, so it goes by type and topic
// to each channel that it matches.
type channels map[string]*channel

// each calls f for every subscription that an event matches, once. f may remove that one.
func (cs channels) each(ev *Event, f func(*Subscription)) {
	visit := func(name string) {
		if ch := cs[name]; ch != nil {
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
