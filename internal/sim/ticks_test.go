package sim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// ticks are events that the world has the server publish, numbered, so that what was published and
// what a subscription got can be compared one by one.
type ticks struct {
	srv *devserver.Server

	mu   sync.Mutex
	list []tick
}

// tick is one of them: the number is its index, from 0.
type tick struct {
	at    time.Time
	topic string
	queue string // of a job
	large bool   // more than the client takes
}

// largeTick is more than a client takes in lives with small messages, and less than what it reads
// past.
const largeTick = 2 * smallMessage

// The entities that ticks are about, and the queues of those that are jobs.
var (
	tickTopics = []string{client.JobChannel("tick-1"), client.JobChannel("tick-2"), client.WorkflowChannel("tick-3")}
	tickQueues = []string{"default", "critical"}
)

// publish publishes the next tick. It is published under the lock, so the numbers are in the
// server's order.
func (t *ticks) publish(topic, queue string, large bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	number := strconv.Itoa(len(t.list))
	t.list = append(t.list, tick{at: time.Now(), topic: topic, queue: queue, large: large})
	padding := ""
	if large {
		padding = strings.Repeat("x", largeTick)
	}
	if id, isJob := strings.CutPrefix(topic, "job:"); isJob {
		t.srv.Publish(client.EventJobStarted, topic, &client.JobEvent{JobID: id, JobName: number, Queue: queue, Error: padding})
		return
	}
	t.srv.Publish(client.EventWorkflowStarted, topic, &client.WorkflowEvent{RunID: strings.TrimPrefix(topic, "workflow:"), Name: number, Error: padding})
}

// count is how many there were.
func (t *ticks) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.list)
}

func (t *ticks) all() []tick {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clip(t.list)
}

// matches reports whether a channel is about a tick.
func (t *tick) matches(channel string) bool {
	isJob := strings.HasPrefix(t.topic, "job:")
	switch {
	case channel == client.ChannelFirehose:
		return true
	case channel == client.ChannelJobs:
		return isJob
	case channel == client.ChannelWorkflows:
		return !isJob
	case strings.HasPrefix(channel, "queue:"):
		return isJob && channel == client.QueueChannel(t.queue)
	}
	return channel == t.topic
}

// tickNumber returns the number of the tick that an event is, if it is one.
func tickNumber(topic string, payload json.RawMessage) (number int, ok bool) {
	if !strings.Contains(topic, ":tick-") {
		return 0, false
	}
	var p struct {
		JobName string `json:"job_name"`
		Name    string `json:"name"`
	}
	if json.Unmarshal(payload, &p) != nil {
		return 0, false
	}
	number, err := strconv.Atoi(p.JobName + p.Name)
	return number, err == nil
}
