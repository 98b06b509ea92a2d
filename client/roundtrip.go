package client

import (
	"context"
	"errors"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

// send registers an exchange of the session's own and puts its request, without waiting. It fails
// with errOver if the session has ended, and otherwise with the error of the frame. After a failure
// the exchange is not registered.
func (s *session) send(x *exchange, fr *wire.Frame) error {
	return s.submit(x, fr, func() error { return s.out.putOwn(fr, s.ids, x.id, &x.number) })
}

// sendCall is send for a call. It waits for room in the outbox until ctx ends.
func (s *session) sendCall(ctx context.Context, x *exchange, fr *wire.Frame) error {
	return s.submit(x, fr, func() error { return s.out.putCall(ctx, s.dead, fr, s.ids, x.id, &x.number) })
}

func (s *session) submit(x *exchange, fr *wire.Frame, put func() error) error {
	x.id = s.ids.Next()
	x.number.Store(0)
	fr.TS = time.Now().UTC()
	x.sent = fr.TS
	if err := s.calls.add(x); err != nil {
		return err
	}
	err := put()
	if err != nil && !s.calls.drop(x) && x.onReply == nil {
		<-x.replies // the session's end came between
	}
	return err
}

// outcome is how a request ended, from its caller's point of view.
type outcome struct {
	reply
	err     error // the error of ctx, or of encoding the frame
	written bool
	lost    bool // the session ended first; err is its cause
}

// roundTrip sends a request and waits for its reply, the session's end or that of ctx.
func (s *session) roundTrip(ctx context.Context, m *method, data []byte) outcome {
	x := s.calls.exchange()
	defer s.calls.spare.Put(x)
	fr := wire.Frame{Type: wire.TypeRequest, Method: m.name, Data: data}
	if err := s.sendCall(ctx, x, &fr); err != nil {
		if !errors.Is(err, errOver) {
			return outcome{err: err}
		}
		select {
		case <-s.dead: // which is on its way: see closeGracefully
			return outcome{err: s.cause, lost: true}
		case <-ctx.Done():
			return outcome{err: ended(ctx)}
		}
	}
	select {
	case r := <-x.replies:
		return outcomeOf(r)
	case <-ctx.Done():
	}
	unwritten := s.out.takeBack(&x.number)
	if !s.calls.abandon(x, !unwritten) {
		return outcomeOf(<-x.replies) // it came first after all
	}
	return outcome{err: waited(ctx, "the answer", nil), written: !unwritten}
}

func outcomeOf(r reply) outcome {
	if r.cause != nil {
		return outcome{reply: reply{strikes: r.strikes}, err: r.cause, written: r.written, lost: true}
	}
	return outcome{reply: r, written: true}
}
