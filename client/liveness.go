package client

import (
	"fmt"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// probe is a ping that checks whether the peer still answers. Only the session's writer uses it.
// Its times are those of session.clock.
type probe struct {
	number  uint64        // of the ping's frame in the outbox; 0 if there is no probe
	put     time.Duration // when the ping was queued
	written time.Duration // when the whole ping was written; 0 until then
	idle    time.Duration // how long before put nothing was received or written
}

// clock returns the age of the session. The times in transport.heard are on the same scale.
func (s *session) clock() time.Duration { return time.Since(s.in.start) }

// keepAlive pings a peer that has sent nothing for a while, or has sent other frames but no reply
// to the oldest request. It ends the session if the ping gets no reply either. It returns when to
// call it again.
//
// The pings are DWP frames. A server answers WebSocket pings without its write lock, which can
// corrupt what it writes. A lane whose call is in progress is not pinged, because its server
// answers nothing else meanwhile.
func (s *session) keepAlive() time.Duration {
	if s.busy.Load() {
		s.probe = probe{}
		return s.cfg.pingAfter
	}
	now, answered := s.clock(), time.Duration(s.answered.Load())
	silent := now - time.Duration(s.in.heard.Load())
	if s.probe.number != 0 && answered >= s.probe.put {
		s.probe = probe{}
	}
	if s.probe.number != 0 {
		return s.checkProbe(now, answered, silent)
	}
	waited := silent
	if quiet := now - answered; quiet > waited {
		// Events arrive, but no replies: perhaps because there is no request.
		if oldest := s.calls.oldest(); !oldest.IsZero() {
			waited = max(waited, min(quiet, time.Since(oldest)))
		}
	}
	if waited < s.cfg.pingAfter {
		return s.cfg.pingAfter - waited
	}
	s.probe = probe{number: s.ping(), put: now, idle: min(silent, now-s.wrote)}
	return s.cfg.pingAfter
}

// checkProbe ends the session if the probe has been without a reply for too long. The time counts
// from when the whole ping was written, because it may be queued behind a large request on a slow
// link. A large reply may delay the pong for as long as it is being received. If nothing arrives at
// all, the time before the ping also counts, as far as nothing was written in it. It returns when
// to call keepAlive again, which is at the latest just after the deadline for the reply.
func (s *session) checkProbe(now, answered, silent time.Duration) time.Duration {
	if s.probe.written == 0 {
		return s.cfg.pingAfter
	}
	waited := now - s.probe.written
	alone := min(silent, s.probe.idle+waited)
	switch {
	case alone > s.cfg.deadAfter:
		s.fail(fmt.Errorf("%w for %v", ErrPingTimeout, silent.Round(time.Millisecond)))
	case waited > s.cfg.deadAfter && !s.in.replying.Load():
		s.fail(fmt.Errorf("%w: events, but no answer for %v", ErrPingTimeout, (now - answered).Round(time.Millisecond)))
	}
	left := s.cfg.deadAfter - alone
	if waited <= s.cfg.deadAfter {
		left = min(left, s.cfg.deadAfter-waited)
	}
	return min(left+time.Millisecond, s.cfg.pingAfter)
}

// flushed records that a batch has been written.
func (s *session) flushed() {
	s.wrote = s.clock()
	if s.probe.number != 0 && s.probe.written == 0 && s.out.written(s.probe.number) {
		s.probe.written = s.wrote
	}
}

// ping queues a ping and measures the round trip. It returns the number of its frame in the outbox,
// or 0 if the session has ended.
func (s *session) ping() (number uint64) {
	x := &exchange{kind: kindPing}
	x.onReply = func(r reply) {
		if r.cause == nil && r.refusal == nil && r.garbled == nil {
			s.counters.rtt.record(time.Since(x.sent))
		}
	}
	if s.send(x, &wire.Frame{Type: wire.TypePing}) != nil {
		return 0
	}
	return x.number.Load()
}

// pong answers a server's ping. Servers send none today.
func (s *session) pong(fr *wire.View) error {
	answer := wire.Frame{Type: wire.TypePong, CorrelID: string(fr.ID), TS: fr.TS}
	return s.out.answerFrame(&answer)
}
