package wire

import (
	"fmt"

	"github.com/xraph/dispatch/codec"
)

// DecodeEnvelope reads the data of an event frame, which is all of data, and overwrites *ev with
// it, as leniently and as strictly as [Format.Decode] reads a frame and with its errors. The
// event's Data aliases data; its strings are copies, equal ones of what *ev held before are kept.
func DecodeEnvelope(data []byte, ev *EventEnvelope) error {
	s := codec.NewScanner(data)
	next := envelopeMembers{}
	var eventType, topic []byte
	var seen members
	if !s.Object() && s.Err() == nil {
		s.Fail(ErrWrongType, "expected an event, not null")
	}
	for s.Member() {
		m := envelopeMemberNamed(s.Key())
		if seen.twice(m) {
			s.Fail(ErrDuplicate, "")
			break
		}
		if s.Null() {
			continue
		}
		switch m {
		case memberType:
			eventType, _ = s.Text()
		case memberTS:
			codec.ScanTime(&s, &next.TS)
			next.TS = next.TS.UTC()
		case memberTopic:
			topic, _ = s.Text()
		case memberData:
			next.Data = s.Raw()
		default:
			s.Skip()
		}
	}
	if err := s.End(); err != nil {
		return fmt.Errorf("wire: decode an event: %w", err)
	}
	next.Type, next.Topic = ev.Type, ev.Topic
	if string(eventType) != ev.Type {
		next.Type = string(eventType)
	}
	if string(topic) != ev.Topic {
		next.Topic = string(topic)
	}
	*ev = EventEnvelope(next)
	return nil
}

func envelopeMemberNamed(key []byte) member {
	switch string(key) {
	case "type":
		return memberType
	case "ts":
		return memberTS
	case "topic":
		return memberTopic
	case "data":
		return memberData
	}
	return memberUnknown
}
