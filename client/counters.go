package client

import (
	"sync"
	"sync/atomic"
	"time"
)

// counters is what a client counts over all its sessions.
type counters struct {
	rtt                         rtt
	sessions, retries           atomic.Uint64
	late, strays                atomic.Uint64
	events, dropped, unexpected atomic.Uint64
}

// Counters is what a client has counted since it was dialled.
type Counters struct {
	Sessions    uint64 // connections that were authenticated, lanes among them
	Retries     uint64 // calls that were written again after a lost connection
	LateReplies uint64 // replies that nobody waited for any more, or ever
	// other frames that concerned nothing, such as replies to requests that were not yet written
	StrayFrames uint64
	Events      uint64 // events received
	// events that matched no subscription, such as those under way when one ended
	UnroutedEvents uint64
	DroppedEvents  uint64 // events that a full queue had no room for, over all subscriptions
}

// Counters returns the client's counts. It is safe for concurrent use.
func (c *Client) Counters() Counters {
	v := &c.counters
	return Counters{
		Sessions:       v.sessions.Load(),
		Retries:        v.retries.Load(),
		LateReplies:    v.late.Load(),
		StrayFrames:    v.strays.Load(),
		Events:         v.events.Load(),
		UnroutedEvents: v.unexpected.Load(),
		DroppedEvents:  v.dropped.Load(),
	}
}

// RTT is how long round trips to the server take: of authentications and pings. All zero before the
// first.
type RTT struct {
	Last     time.Duration
	Min      time.Duration
	Smoothed time.Duration // a moving mean, of which the latest is one eighth
	Samples  uint64
}

// RTT returns the round-trip times taken so far. It is safe for concurrent use.
func (c *Client) RTT() RTT { return c.counters.rtt.get() }

type rtt struct {
	mu sync.Mutex
	v  RTT
}

func (r *rtt) record(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.v.Samples == 0 {
		r.v = RTT{Min: d, Smoothed: d}.with(d, 1)
		return
	}
	r.v.Min = min(r.v.Min, d)
	r.v.Smoothed += (d - r.v.Smoothed) / 8
	r.v = r.v.with(d, r.v.Samples+1)
}

func (v RTT) with(last time.Duration, samples uint64) RTT {
	v.Last, v.Samples = last, samples
	return v
}

func (r *rtt) get() RTT {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.v
}
