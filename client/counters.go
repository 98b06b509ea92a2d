package client

import (
	"sync"
	"sync/atomic"
	"time"
)

// counters is what a client counts over all its sessions. See Counters.
type counters struct {
	rtt                         rtt
	sessions, retries           atomic.Uint64
	late, strays                atomic.Uint64
	events, dropped, unexpected atomic.Uint64
}

// Counters is what a client has counted since it was dialled. No count goes down, but for the
// numbers of lanes, which are those of the moment.
type Counters struct {
	Sessions    uint64 // connections that were authenticated, including lanes
	Retries     uint64 // calls that were sent again after a lost connection
	LateReplies uint64 // replies to calls that had ended, or that never were
	// StrayFrames is frames that do not belong to anything, such as replies to requests that are
	// not written yet.
	StrayFrames uint64
	Events      uint64 // events received
	// UnroutedEvents is events that matched no subscription, such as those that were under way when
	// a subscription ended.
	UnroutedEvents uint64
	DroppedEvents  uint64 // events dropped because a queue was full, over all subscriptions
	// Endpoints has an entry for each endpoint; see WithEndpoints.
	Endpoints []EndpointCounters

	LanesInUse   int // calls of blocking methods that have a lane or dial one; at most WithLanes
	LanesWaiting int // calls that wait because all lanes are in use
}

// EndpointCounters is what a client has counted for one endpoint.
type EndpointCounters struct {
	Endpoint string // its URL without the user and the query
	Attempts uint64 // attempts to connect, including those of lanes
	Sessions uint64 // those that were authenticated
}

// Counters returns the client's counts. They are read one after another, so they may be a few
// events apart. It does not block.
func (c *Client) Counters() Counters {
	v := &c.counters
	endpoints := make([]EndpointCounters, len(c.cfg.endpoints))
	for i, e := range c.cfg.endpoints {
		endpoints[i] = EndpointCounters{Endpoint: e.name, Attempts: e.attempts.Load(), Sessions: e.sessions.Load()}
	}
	return Counters{
		Endpoints:      endpoints,
		Sessions:       v.sessions.Load(),
		Retries:        v.retries.Load(),
		LateReplies:    v.late.Load(),
		StrayFrames:    v.strays.Load(),
		Events:         v.events.Load(),
		UnroutedEvents: v.unexpected.Load(),
		DroppedEvents:  v.dropped.Load(),
		LanesInUse:     len(c.lanes.taken),
		LanesWaiting:   int(c.lanes.waiting.Load()),
	}
}

// RTT is how long round trips to the server take. Authentications and pings are measured, also
// those of lanes. All fields are zero before the first.
type RTT struct {
	Last     time.Duration
	Min      time.Duration
	Smoothed time.Duration // a moving average; the latest has a weight of 1/8
	Samples  uint64
}

// RTT returns the round-trip times that were measured so far. It does not block.
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
