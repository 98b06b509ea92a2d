package client

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// keepAlive pings a peer that has been silent and gives up one that stays so. It returns when to look again.
//
// These are DWP pings. WebSocket pings are answered by the server past its write lock, which can
// corrupt what it writes. A lane that waits for its blocking call is left alone: its server answers nothing else
// meanwhile.
func (s *session) keepAlive() time.Duration {
	if s.busy.Load() {
		return s.cfg.pingAfter
	}
	silence := s.in.silence()
	switch {
	case silence < s.cfg.pingAfter:
		return s.cfg.pingAfter - silence
	case silence >= s.cfg.deadAfter:
		s.die(fmt.Errorf("%w for %v", ErrSilent, silence.Round(time.Millisecond)))
		return s.cfg.deadAfter
	}
	since := time.Since(s.pinged)
	if since >= s.cfg.pingAfter {
		s.pinged, since = time.Now(), 0
		s.ping()
	}
	return min(s.cfg.pingAfter-since, s.cfg.deadAfter-silence)
}

// ping asks for a pong and takes the time until it comes.
func (s *session) ping() {
	x := &exchange{kind: kindPing}
	x.settle = func(r reply) {
		if r.lost == nil && r.refusal == nil {
			s.vitals.rtt.note(time.Since(x.sent))
		}
	}
	s.send(x, &wire.Frame{Type: wire.TypePing})
}

// pong answers a server's ping, though servers send none today.
func (s *session) pong(fr *wire.Frame) error {
	answer := wire.Frame{Type: wire.TypePong, CorrelID: fr.ID, TS: fr.TS}
	return s.out.answerFrame(&answer, s.ids)
}

// vitals is what a client counts over all its sessions.
type vitals struct {
	rtt                         rtt
	sessions, retries           atomic.Uint64
	late, strays                atomic.Uint64
	events, dropped, unexpected atomic.Uint64
}

// Counters is what a client has counted since it was dialled.
type Counters struct {
	Sessions       uint64 // connections that were authenticated, lanes among them
	Retries        uint64 // calls that were written again after a lost connection
	LateReplies    uint64 // replies that nobody waited for any more, or ever
	StrayFrames    uint64 // other frames that concerned nothing
	Events         uint64 // events received
	UnroutedEvents uint64 // events that matched no subscription, such as those under way when one ended
	DroppedEvents  uint64 // events that a full queue had no room for, over all subscriptions
}

// Counters returns the client's counts. It is safe for concurrent use.
func (c *Client) Counters() Counters {
	v := &c.vitals
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

// RTT is how long round trips to the server take: of authentications and pings. All zero before the first.
type RTT struct {
	Last     time.Duration
	Min      time.Duration
	Smoothed time.Duration // a moving mean, of which the latest is one eighth
	Samples  uint64
}

// RTT returns the round-trip times taken so far. It is safe for concurrent use.
func (c *Client) RTT() RTT { return c.vitals.rtt.get() }

type rtt struct {
	mu sync.Mutex
	v  RTT
}

func (r *rtt) note(d time.Duration) {
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
