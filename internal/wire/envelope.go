package wire

import (
	"fmt"

	"github.com/xraph/dispatch/codec"
)

// DecodeEnvelope reads the data of an event frame, which is all of data, and overwrites *ev with
// it, as leniently and as strictly as [Format.Decode] reads a frame and with its errors. The
// event's Data aliases data; its strings are copies, equal ones of what *ev held before are kept.
func DecodeEnvelope(data []byte, ev *EventEnvelope) error {
	var v EventView
	if err := v.read(data); err != nil {
		return err
	}
	next := envelopeMembers{ev.Type, v.TS, ev.Topic, v.Data}
	if string(v.Type) != ev.Type {
		next.Type = string(v.Type)
	}
	if string(v.Topic) != ev.Topic {
		next.Topic = string(v.Topic)
	}
	*ev = EventEnvelope(next)
	return nil
}

// read is DecodeEnvelope without copies.
func (v *EventView) read(data []byte) error {
	s := codec.NewScanner(data)
	*v = EventView{}
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
			v.Type, _ = s.Text()
		case memberTS:
			codec.ScanTime(&s, &v.TS)
			v.TS = v.TS.UTC()
		case memberTopic:
			v.Topic, _ = s.Text()
		case memberData:
			v.Data = s.Raw()
		default:
			s.Skip()
		}
	}
	if err := s.End(); err != nil {
		return fmt.Errorf("wire: decode an event: %w", err)
	}
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
