package client

import (
	"errors"
	"fmt"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/internal/wire"
)

// handle takes a frame to where it belongs. It never waits.
func (s *session) handle(fr *wire.View) error {
	if fr.Type == wire.TypeEvent {
		s.event(fr)
		return nil
	}
	s.handOver()
	switch fr.Type {
	case wire.TypeResponse, wire.TypeError, wire.TypePong:
		return s.correlate(fr)
	case wire.TypePing:
		return s.pong(fr)
	default:
		s.counters.strays.Add(1)
	}
	return nil
}

// correlate completes the exchange that a frame answers.
func (s *session) correlate(fr *wire.View) error {
	if len(fr.CorrelID) == 0 && fr.Type == wire.TypeError {
		return s.uncorrelated(fr)
	}
	if x := s.exchangeOf(string(fr.CorrelID)); x != nil {
		x.complete(s.replyOf(fr))
	}
	return nil
}

// exchangeOf removes and returns the exchange that a frame with this correlation answers, nil if
// there is none.
func (s *session) exchangeOf(correlID string) *exchange {
	id, ok := s.ids.Parse(correlID)
	if !ok {
		s.counters.late.Add(1)
		return nil
	}
	x, early := s.calls.take(id, s.isWritten)
	if early || id > s.ids.Last() { // ids can be guessed
		s.counters.strays.Add(1)
		return nil
	}
	s.answered.Store(s.in.heard.Load())
	if x == nil {
		s.counters.late.Add(1)
		return nil
	}
	s.confirm(x.number.Load())
	return x
}

// tooLarge handles a frame that is too large to be read, by its heading. A reply fails its own
// call, because the server has answered. An event is reported as missing to the subscriptions that
// it may concern. Any other frame ends the session. So does a reply to a request of the client's
// own, because no caller waits for it.
func (s *session) tooLarge(h wire.Heading, limit error) error {
	s.handOver()
	switch {
	case h.Type == wire.TypeEvent:
		s.eventTooLarge(h.Channel)
		return nil
	case h.CorrelID == "":
		return limit
	}
	x := s.exchangeOf(h.CorrelID)
	switch {
	case x == nil:
		return nil
	case x.kind != kindCall:
		x.complete(reply{cause: limit, written: true})
		return limit
	}
	x.complete(reply{garbled: limit})
	return nil
}

// uncorrelated handles an error frame about a frame that the server could not decode. If one call
// is in flight, the error is its. If there are several, it is unknown which of them gets no reply,
// so the session ends.
func (s *session) uncorrelated(fr *wire.View) error {
	x, calls := s.calls.takeOnly(s.isWritten)
	if x != nil {
		x.complete(s.replyOf(fr))
		return nil
	}
	if calls == 0 {
		s.counters.strays.Add(1)
		return nil
	}
	text := "without detail"
	if fr.Error != nil {
		text = s.hidden.text(fr.Error.Message)
	}
	return &ProtocolError{Reason: fmt.Sprintf("error frame for one of %d calls: %s", calls, text)}
}

func (s *session) isWritten(x *exchange) bool { return s.out.hasBegun(x.number.Load()) }

func (s *session) replyOf(fr *wire.View) reply {
	switch {
	case fr.Type == wire.TypeError && fr.Error == nil:
		return reply{garbled: errors.New("error frame without an error")}
	case fr.Type == wire.TypeError:
		s.hidden.detail(fr.Error)
		return reply{refusal: fr.Error}
	}
	return reply{data: fr.Data, borrowed: s.in.messages.InPlace()}
}

// strikes returns with how many strikes a call is charged that was in flight when the session
// ended. There is none if the network was the cause. There is one if the peer sent a message that
// cannot be used, or refused one, because the same request may cause that again. If no other
// request can have been the cause, the call gets all that it may have.
func (s *session) strikes(open map[uint64]*exchange, stale int) int {
	if !isBreach(s.cause) {
		return 0
	}
	suspects := stale
	for _, x := range open {
		if x.kind != kindPing && s.out.written(x.number.Load()) {
			suspects++
		}
	}
	if suspects == 1 {
		return maxStrikes
	}
	return 1
}

// isBreach reports whether a message that one side sent was the cause of a session's end.
func isBreach(cause error) bool {
	var broken *ProtocolError
	var limit *LimitError
	if closed, ok := errors.AsType[*CloseError](cause); ok {
		switch ws.StatusCode(closed.Code) {
		case ws.StatusProtocolError, ws.StatusUnsupportedData, ws.StatusInvalidFramePayloadData, ws.StatusMessageTooBig:
			return true
		default:
			return false
		}
	}
	return errors.As(cause, &broken) || errors.As(cause, &limit)
}
