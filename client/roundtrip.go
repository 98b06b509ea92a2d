package client

import (
	"context"
	"errors"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// send registers an exchange of the session's own and puts its frame, without waiting. It fails
// with errOver if the session has ended, and otherwise with the error of the frame. After a failure
// the exchange is not registered.
func (s *session) send(x *exchange, fr *wire.Frame) error {
	if err := s.register(x); err != nil {
		return err
	}
	fr.TS = x.sent.UTC()
	err := s.out.putOwn(fr, x.id, &x.number)
	if err != nil {
		s.calls.drop(x)
	}
	return err
}

// sendCall is send for a call. It waits for room in the outbox until ctx ends.
func (s *session) sendCall(ctx context.Context, x *exchange, m *method) error {
	if err := s.register(x); err != nil {
		return err
	}
	err := s.out.putCall(ctx, s.dead, m.name, x)
	if err != nil && !s.calls.drop(x) {
		<-x.replied // the session's end came between
	}
	return err
}

func (s *session) register(x *exchange) error {
	x.id = s.ids.Next()
	x.number.Store(0)
	x.sent = time.Now()
	return s.calls.add(x)
}

// outcome is how a request ended, from its caller's point of view.
type outcome struct {
	reply
	err     error // the error of ctx, or of encoding the frame
	written bool
	lost    bool // the session ended first; err is its cause
	// the time of WithCallTimeout ended first
	timedOut bool
}

// roundTrip sends a request and waits for its reply, the session's end or that of ctx.
func (s *session) roundTrip(ctx context.Context, m *method, x *exchange) outcome {
	if o, sent := s.request(ctx, m, x); !sent {
		return o
	}
	return s.answer(ctx, x)
}

// request is the first half of roundTrip. It sends a request, or returns why it was not sent.
func (s *session) request(ctx context.Context, m *method, x *exchange) (o outcome, sent bool) {
	err := s.sendCall(ctx, x, m)
	switch {
	case err == nil:
		if x.put != nil {
			x.put()
		}
		return outcome{}, true
	case !errors.Is(err, errOver):
		return outcome{err: err}, false
	}
	select {
	case <-s.dead: // which is on its way: see closeGracefully
		return outcome{err: s.cause, lost: true}, false
	case <-ctx.Done():
		return outcome{err: ended(ctx)}, false
	}
}

// answer is the second half of roundTrip. It waits for the end of a request that was sent.
func (s *session) answer(ctx context.Context, x *exchange) outcome {
	select {
	case <-x.replied:
		return outcomeOf(&x.reply)
	case <-ctx.Done():
	}
	unwritten, pending := s.giveUp(x)
	if !pending {
		<-x.replied // it came first after all
		return outcomeOf(&x.reply)
	}
	return outcome{err: waited(ctx, "the answer", nil), written: !unwritten}
}

// giveUp withdraws a request that was sent. If it was still pending, nothing completes it any more.
func (s *session) giveUp(x *exchange) (unwritten, pending bool) {
	unwritten = s.out.takeBack(&x.number)
	return unwritten, s.calls.abandon(x, !unwritten)
}

func outcomeOf(r *reply) outcome {
	if r.cause != nil {
		return outcome{reply: reply{strikes: r.strikes}, err: r.cause, written: r.written, lost: true}
	}
	return outcome{reply: *r, written: true}
}
