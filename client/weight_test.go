package client_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// TestQueueCountsWhatItsEventsKeepAlive is not parallel, since it measures the heap.
func TestQueueCountsWhatItsEventsKeepAlive(t *testing.T) {
	const (
		bound  = 512 << 10
		size   = 128 << 10
		events = 24
	)
	pad := strings.Repeat("x", size)
	half := pad[:size/2]
	envelope := func(members string) []byte {
		return []byte(`{"type":"job.started","ts":"2026-11-23T14:29:34Z","topic":"job:1","data":{"job_id":"1"}` + members + `}`)
	}
	for name, fr := range map[string]wire.Frame{
		"payload":               {Channel: "job:1", Data: []byte(`{"type":"job.started","topic":"job:1","data":{"job_id":"1","error":"` + pad + `"}}`)},
		"half of the envelope":  {Channel: "job:1", Data: []byte(`{"type":"job.started","more":"` + half + `","topic":"job:1","data":{"error":"` + half + `x"}}`)},
		"envelope":              {Channel: "job:1", Data: envelope(`,"more":"` + pad + `"`)},
		"frame's id":            {ID: pad, Channel: "job:1", Data: envelope("")},
		"frame's id, topicless": {ID: pad, Channel: "job:1", Data: []byte(`{"type":"job.started","data":{"job_id":"1"}}`)},
		"frame's token":         {Token: pad, Channel: "job:1", Data: envelope("")},
		"type":                  {Channel: "job:1", Data: []byte(`{"type":"job.#` + pad + `","topic":"job:1","data":1}`)},
		"topic":                 {Channel: "job:1", Data: []byte(`{"type":"job.started","topic":"job:` + pad + `","data":1}`)},
		"undecodable":           {Channel: "job:1", Data: []byte(`{"type":7,"more":"` + pad + `"}`)},
		"undecodable, in error": {Channel: "job:1", Data: []byte(`{"ts":"` + pad + `"}`)},
		"undecodable, id":       {ID: pad, Channel: "job:1", Data: []byte(`7`)},
	} {
		for _, format := range formats {
			t.Run(name+" in "+format, func(t *testing.T) {
				p := newPeer(t)
				c := p.dial(client.WithFormat(format))
				sub := subscribe(t, c, client.ChannelFirehose, client.WithBuffer(events, bound))
				before := heap()
				for i := range events {
					fr := fr
					fr.Type = wire.TypeEvent
					// Different each time, or equal strings are shared.
					fr.ID, fr.Channel = fmt.Sprint(i, fr.ID), fmt.Sprint(fr.Channel, i)
					fr.Data = bytes.ReplaceAll(fr.Data, []byte("#"), []byte(strconv.Itoa(i)))
					p.conn(1).send(&fr)
				}
				if _, err := c.Stats(t.Context()); err != nil { // whose answer comes after them
					t.Fatal(err)
				}
				if held := heap() - before; held > bound+size+size {
					t.Errorf("%d events hold %d KiB, more than the bound of %d KiB", events-int(sub.Dropped()), held>>10, bound>>10)
				}
				if elsewhere := !strings.Contains(string(fr.Data), half) || name == "envelope"; elsewhere && sub.Dropped() > 0 {
					t.Errorf("%d events were dropped for what is not theirs", sub.Dropped())
				}
			})
		}
	}
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
