package stub

import (
	"fmt"
	"time"

	"github.com/gobwas/ws"
	"github.com/xraph/dispatch/bench/internal/dwp"
	"github.com/xraph/dispatch/bench/internal/work"
)

// firehoseTopic is the topic of events for a single subscription, to everything.
const firehoseTopic = "job:0000"

// subscribe confirms a subscription. The one that completes their number starts the events.
func (p *session) subscribe(id []byte, channel string) error {
	p.data = fmt.Appendf(p.data[:0], `{"channel":%q,"status":"subscribed"}`, channel)
	if err := p.reply(id); err != nil {
		return err
	}
	if channel == "firehose" {
		channel = firehoseTopic
	}
	if p.topics = append(p.topics, channel); len(p.topics) != p.work.Subscriptions {
		return nil
	}
	// The reply is written before the first event.
	if err := p.conn.Flush(); err != nil {
		return err
	}
	go p.push()
	return nil
}

// push sends the events, each of the topics in turn, through a connection of its own on the same
// socket: each write is of whole messages. It ends with the last event or the connection.
func (p *session) push() {
	events := make([]*dwp.Stamped, len(p.topics))
	for i, topic := range p.topics {
		events[i] = dwp.NewEvent(p.format, topic, p.work.Size)
	}
	conn := dwp.NewConn(p.nc, nil, false)
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	start := time.Now()
	for sent := 0; p.work.Kind == work.Open || sent < p.work.Events; {
		due := p.work.Events
		if p.work.EventRate > 0 {
			select {
			case <-pace.C:
			case <-p.finished:
				return
			}
			due = int(time.Since(start).Seconds() * float64(p.work.EventRate))
		}
		for ; sent < due; sent++ {
			if conn.Send(ws.OpText, events[sent%len(events)].With(uint64(sent))) != nil {
				return
			}
		}
		if conn.Flush() != nil {
			return
		}
	}
}
