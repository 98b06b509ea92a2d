package client

import (
	"errors"
	"fmt"

	"github.com/xraph/dispatch/internal/wire"
)

// handle takes a frame to where it belongs. It never waits.
func (s *session) handle(fr *wire.Frame) error {
	switch fr.Type {
	case wire.TypeEvent:
		s.event(fr)
	case wire.TypeResponse, wire.TypeError, wire.TypePong:
		return s.correlate(fr)
	case wire.TypePing:
		return s.pong(fr)
	default:
		s.vitals.strays.Add(1)
	}
	return nil
}

// correlate ends the exchange that a frame answers.
func (s *session) correlate(fr *wire.Frame) error {
	if fr.CorrelID == "" && fr.Type == wire.TypeError {
		return s.uncorrelated(fr)
	}
	id, ok := s.ids.Parse(fr.CorrelID)
	if !ok {
		s.vitals.late.Add(1)
		return nil
	}
	x := s.calls.take(id)
	if x == nil {
		s.vitals.late.Add(1)
		return nil
	}
	s.confirm(x.number)
	x.end(s.replyOf(fr))
	return nil
}

// uncorrelated handles the server's word about a frame that it could not decode. With one call in
// flight it is clear which; with several nobody can tell, and rather than leave one to hang, the session ends.
func (s *session) uncorrelated(fr *wire.Frame) error {
	x, calls := s.calls.takeOnly(func(x *exchange) bool { return s.out.written(&x.number) })
	if x != nil {
		x.end(s.replyOf(fr))
		return nil
	}
	if calls == 0 {
		s.vitals.strays.Add(1)
		return nil
	}
	text := "without detail"
	if fr.Error != nil {
		text = s.hidden.text(fr.Error.Message)
	}
	return &ProtocolError{Reason: fmt.Sprintf("error frame for one of %d calls: %s", calls, text)}
}

func (s *session) replyOf(fr *wire.Frame) reply {
	switch {
	case fr.Type == wire.TypeError && fr.Error == nil:
		return reply{garbled: errors.New("error frame without an error")}
	case fr.Type == wire.TypeError:
		s.hidden.detail(fr.Error)
		return reply{refusal: fr.Error}
	}
	return reply{data: fr.Data}
}
