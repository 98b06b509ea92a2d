package wire

import (
	"fmt"
	"time"
)

// Decoder reads the messages of one connection in place, each in one pass where it is written as
// servers write them. It allocates nothing for such a message. Any other goes to the decoder behind
// [Format.Decode], so the two accept the same messages, read the same values and fail with the same
// errors. It is not safe for concurrent use.
type Decoder struct {
	format Format
	depth  int
	sent   stamp // of frames
	when   stamp // of events
}

// NewDecoder returns a decoder of messages in this format that may be nested to depth: see
// [Format.DecodeWithin].
func NewDecoder(f Format, depth int) *Decoder { return &Decoder{format: f, depth: depth} }

// View is a frame that is read in place, with the envelope of an event.
//
// Every byte slice in it, those of Event included, may be a part of the message: it is valid until
// the message's memory is written again, its capacity ends where it ends, and it must not be
// written to. What has to live longer must be copied. Type, Error and EventErr have memory of their
// own. A member that is absent is empty.
type View struct {
	ID       []byte
	Type     FrameType
	Method   []byte
	CorrelID []byte
	Token    []byte
	AppID    []byte
	OrgID    []byte
	Data     []byte // JSON; in msgpack whatever was sent as such
	Error    *ErrorDetail
	Channel  []byte
	Credits  uint32
	TS       time.Time

	Event    EventView // what Data says, if the type is TypeEvent and EventErr is nil
	EventErr error     // why Data is no event, if the type is TypeEvent: see [DecodeEnvelope]
}

// EventView is the envelope of an event that is read in place; see [View].
type EventView struct {
	Type  []byte
	TS    time.Time
	Topic []byte
	Data  []byte // JSON
}

// Decode reads a frame that is all of message and overwrites *v with it. An error, one of those of
// [Format.Decode], leaves *v unspecified. An event whose envelope does not decode is no error: see
// View.EventErr.
func (d *Decoder) Decode(message []byte, v *View) error {
	switch d.format {
	case FormatJSON:
		if d.onePassJSON(message, v) {
			return nil
		}
	case FormatMsgpack:
		if d.onePassMsgpack(message, v) {
			return nil
		}
	}
	return d.general(message, v)
}

// general reads any message.
func (d *Decoder) general(message []byte, v *View) error {
	var w view
	if err := d.format.read(message, d.depth, &w); err != nil {
		return err
	}
	*v = View{
		ID:       w.strings[memberID],
		Type:     w.frameType(),
		Method:   w.strings[memberMethod],
		CorrelID: w.strings[memberCorrelID],
		Token:    w.strings[memberToken],
		AppID:    w.strings[memberAppID],
		OrgID:    w.strings[memberOrgID],
		Data:     w.data,
		Error:    w.detail(),
		Channel:  w.strings[memberChannel],
		Credits:  w.credits,
		TS:       w.ts,
	}
	if v.Type == TypeEvent {
		v.EventErr = v.Event.read(v.Data)
	}
	return nil
}

// read reads a frame of any form.
func (f Format) read(data []byte, depth int, v *view) error {
	var err error
	switch f {
	case FormatJSON:
		err = v.readJSON(data, depth)
	case FormatMsgpack:
		err = v.readMsgpack(data, depth)
	default:
		_, err = ParseFormat(string(f))
		return err
	}
	if err != nil {
		return fmt.Errorf("wire: decode a frame: %w", err)
	}
	return nil
}
