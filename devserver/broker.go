package devserver

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// event is something that happened. All its subscribers share it.
type event struct {
	kind     client.EventType
	topic    string // of the entity, empty for a cron entry
	envelope json.RawMessage
}

// broker delivers events to the subscribers of their channels.
type broker struct {
	mu        sync.Mutex
	members   map[*subscriber]struct{}
	topics    map[string]map[*subscriber]struct{}
	published int64
}

func newBroker() *broker {
	return &broker{members: map[*subscriber]struct{}{}, topics: map[string]map[*subscriber]struct{}{}}
}

// publish queues an event for each subscriber of a matching channel: once, even if several of its
// channels match.
func (b *broker) publish(t client.EventType, topic string, payload any) {
	data, err := json.Marshal(payload)
	if err != nil {
		data, _ = json.Marshal(err.Error()) //nolint:errchkjson // a string can always be encoded
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.published++
	channels := [3]string{client.ChannelFirehose, topic}
	switch {
	case strings.HasPrefix(topic, "job:"):
		channels[2] = client.ChannelJobs
	case strings.HasPrefix(topic, "workflow:"):
		channels[2] = client.ChannelWorkflows
	}
	var ev *event
	for _, channel := range channels {
		for sub := range b.topics[channel] {
			if sub.seen == b.published {
				continue
			}
			sub.seen = b.published
			if ev == nil {
				ev = &event{kind: t, topic: topic}
				ev.envelope, _ = json.Marshal(&wire.EventEnvelope{Type: string(t), TS: time.Now().UTC(), Topic: topic, Data: data}) //nolint:errchkjson // data is valid JSON
			}
			sub.offer(ev)
		}
	}
}

// join adds a subscriber, which has no subscriptions yet.
func (b *broker) join(sub *subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.members[sub] = struct{}{}
}

// leave removes a subscriber and all its subscriptions.
func (b *broker) leave(sub *subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.members, sub)
	for channel := range b.topics {
		b.remove(channel, sub)
	}
}

func (b *broker) subscribe(sub *subscriber, channel string) error {
	if err := checkChannel(channel); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, member := b.members[sub]; !member {
		return ErrClosed
	}
	if b.topics[channel] == nil {
		b.topics[channel] = map[*subscriber]struct{}{}
	}
	b.topics[channel][sub] = struct{}{}
	return nil
}

func (b *broker) unsubscribe(sub *subscriber, channel string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remove(channel, sub)
}

func (b *broker) remove(channel string, sub *subscriber) {
	delete(b.topics[channel], sub)
	if len(b.topics[channel]) == 0 {
		delete(b.topics, channel)
	}
}

// grant adds to the number of events that a subscriber may be sent.
func (b *broker) grant(sub *subscriber, credits int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sub.credits += credits
}

// starve sets a subscriber's credits to 0.
func (b *broker) starve(sub *subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sub.credits = 0
}

// stats counts as production servers do: total_dropped leaves out the events that a connection
// missed because it had no credits or was slow.
func (b *broker) stats() client.BrokerStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return client.BrokerStats{TopicCount: len(b.topics), SubscriberCount: len(b.members), TotalPublished: b.published}
}

// reset clears the counters.
func (b *broker) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.published = 0
	for sub := range b.members {
		sub.seen = 0
	}
}

func checkChannel(channel string) error {
	switch channel {
	case client.ChannelJobs, client.ChannelWorkflows, client.ChannelFirehose:
		return nil
	}
	switch kind, name, _ := strings.Cut(channel, ":"); {
	case name == "":
		return Errorf(client.CodeBadRequest, "stream: invalid topic %q", channel)
	case kind != "job" && kind != "workflow" && kind != "queue":
		return Errorf(client.CodeBadRequest, "stream: unknown topic entity type %q", kind)
	}
	return nil
}
