package client

import (
	"testing"
)

// FuzzEventFrame takes arbitrary bytes as the data of an event frame: it is delivered in any case,
// to whom its topic says.
func FuzzEventFrame(f *testing.F) {
	f.Add([]byte(`{"type":"job.started","ts":"2026-11-23T14:29:34Z","topic":"job:1","data":{"job_id":"1","queue":"q"}}`), "job:1")
	f.Add([]byte(`{"type":"cron.fired","ts":"2026-11-23T14:29:34Z","data":{"entry_name":"e"}}`), "")
	f.Add([]byte(`{"type":"job.started","topic":7}`), "workflow:1")
	f.Add([]byte(`null`), "")
	f.Fuzz(func(t *testing.T, data []byte, topic string) {
		ev := arrivalOf(eventView(t, topic, data), len(data)).event
		switch p := ev.Payload().(type) {
		case *UnknownEvent:
			if p.Err == nil {
				t.Error("an unknown event without a reason")
			}
		case *JobEvent, *WorkflowEvent, *CronEvent:
		default:
			t.Errorf("payload %T", p)
		}
		cs := channels{}
		for _, r := range []route{{server: ChannelFirehose}, {server: ChannelJobs}, {server: ChannelJobs, queue: "q"}, {server: ChannelWorkflows}} {
			if cs[r.server] == nil {
				cs[r.server] = &channel{name: r.server}
			}
			cs[r.server].add(&Subscription{route: r})
		}
		all := 0
		cs.each(ev, func(s *Subscription) {
			if s.route.server == ChannelFirehose {
				all++
			}
		})
		if all != 1 {
			t.Errorf("the firehose got it %d times", all)
		}
	})
}
