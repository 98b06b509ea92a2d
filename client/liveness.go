package client

import (
	"fmt"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// probe is the ping that is to show whether the peer still answers. Only the session's writer uses
// it. Times are what the session's clock says: see session.clock.
type probe struct {
	number  uint64 // of its frame in the outbox, 0 if there is none
	put     time.Duration
	written time.Duration // wholly; 0 until then
	idle    time.Duration // for how long before put nothing had been received or written
}

// clock is how old the session is, by the clock of transport.heard.
func (s *session) clock() time.Duration { return time.Since(s.in.start) }

// keepAlive pings a peer that has been silent, or has left a request without an answer while it
// sent something else, and gives up one that leaves the ping without an answer too. It returns when
// to look again.
//
// These are DWP pings. WebSocket pings are answered by the server past its write lock, which can
// corrupt what it writes. A lane that waits for its blocking call is left alone: its server answers
// nothing else meanwhile.
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
		return s.judge(now, answered, silent)
	}
	waited := silent
	if quiet := now - answered; quiet > waited {
		// Events come, but no answers: perhaps because nothing was asked.
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

// judge ends the session if its probe has been without an answer for too long. How long counts from
// when the whole ping was written, because it may stand behind a large request on a slow link; and
// a large reply may hold up the pong for as long as it is coming in. If nothing at all arrives, the
// time before the ping counts too, as far as nothing was written either. It returns when to look
// again: at the end just after the last moment for an answer.
func (s *session) judge(now, answered, silent time.Duration) time.Duration {
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

// flushed notes that a batch has been written.
func (s *session) flushed() {
	s.wrote = s.clock()
	if s.probe.number != 0 && s.probe.written == 0 && s.out.written(s.probe.number) {
		s.probe.written = s.wrote
	}
}

// ping asks for a pong and takes the time until it comes. It returns the number of its frame, 0 if
// the session is over.
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

// pong answers a server's ping, though servers send none today.
func (s *session) pong(fr *wire.View) error {
	answer := wire.Frame{Type: wire.TypePong, CorrelID: string(fr.ID), TS: fr.TS}
	return s.out.answerFrame(&answer, s.ids)
}
