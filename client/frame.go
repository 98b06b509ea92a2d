package client

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/xraph/dispatch/internal/wire"
)

// Direction is which way a frame went.
type Direction string

// The directions, as recordings spell them.
const (
	FrameSent     Direction = "send" // by the client
	FrameReceived Direction = "recv"
)

// Frame is a frame of the protocol as [WithFrameTap] shows it, a copy that may be kept. Where it
// would have the token or another secret of the client, it has [redacted].
//
// Its JSON form is a line of a recording:
//
//	{"time": "2026-11-27T06:00:00.5Z", "dir": "send", "session": 1, "format": "json", "opcode": "text", "text": "{…}"}
//
// dir is send or recv, opcode is that of the WebSocket message, text or binary, and the message's
// bytes are in text, or as hexadecimal digits in hex if the format is msgpack or they are not
// UTF-8. The members lane, truncated and missed are absent where they are false or 0. A decoder
// accepts lines with dir, opcode and text or hex alone.
type Frame struct {
	Time      time.Time // when it was received, or when its write began
	Direction Direction
	Session   uint64 // the number of its session, from 1
	Lane      bool   // the session is a lane
	Format    string // "json" or "msgpack"
	Binary    bool   // it is a binary message of WebSocket; otherwise a text message
	// Missed is how many frames before this one were dropped because the tap was slow.
	Missed uint64
	// Truncated is true for a frame that is larger than Limits.MessageBytes. It has no payload.
	Truncated bool
	Payload   []byte // the message

	// The members of the frame, decoded from Payload. They are zero if it does not decode.
	ID       string
	Type     string // request, response, error, event, ping or pong
	Method   string
	CorrelID string
	Channel  string
	Credits  uint32
	Data     json.RawMessage
	Error    *Error // of an error frame
}

// recorded is the JSON form of a Frame.
type recorded struct {
	Time      time.Time `json:"time,omitzero"`
	Direction Direction `json:"dir"`
	Session   uint64    `json:"session,omitempty"`
	Lane      bool      `json:"lane,omitempty"`
	Format    string    `json:"format,omitempty"`
	Opcode    string    `json:"opcode"`
	Missed    uint64    `json:"missed,omitempty"`
	Truncated bool      `json:"truncated,omitempty"`
	Text      string    `json:"text,omitempty"`
	Hex       string    `json:"hex,omitempty"`
}

// MarshalJSON returns the frame as a line of a recording, without the line's end.
func (f Frame) MarshalJSON() ([]byte, error) {
	r := recorded{
		Time: f.Time, Direction: f.Direction, Session: f.Session, Lane: f.Lane, Format: f.Format, Opcode: "text",
		Missed: f.Missed, Truncated: f.Truncated,
	}
	if f.Binary {
		r.Opcode = "binary"
	}
	if f.Format != string(wire.FormatMsgpack) && utf8.Valid(f.Payload) {
		r.Text = string(f.Payload)
	} else {
		r.Hex = hex.EncodeToString(f.Payload)
	}
	return json.Marshal(r)
}

// UnmarshalJSON reads a line of a recording and decodes the frame's members. A payload that is not
// a frame is no error.
func (f *Frame) UnmarshalJSON(line []byte) error {
	var r recorded
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("dispatch: recording: %w", err)
	}
	if r.Direction != FrameSent && r.Direction != FrameReceived {
		return fmt.Errorf("dispatch: recording: unknown dir %q", r.Direction)
	}
	payload := []byte(r.Text)
	if r.Hex != "" {
		var err error
		if payload, err = hex.DecodeString(r.Hex); err != nil {
			return fmt.Errorf("dispatch: recording: hex: %w", err)
		}
	}
	if r.Format == "" {
		r.Format = string(sniff(payload))
	}
	*f = Frame{
		Time: r.Time, Direction: r.Direction, Session: r.Session, Lane: r.Lane, Format: r.Format, Binary: r.Opcode == "binary",
		Missed: r.Missed, Truncated: r.Truncated, Payload: payload,
	}
	f.decode()
	return nil
}

// decode sets the members from the payload, if it is a frame.
func (f *Frame) decode() {
	var fr wire.Frame
	if wire.Format(f.Format).Decode(f.Payload, &fr) != nil {
		return
	}
	f.ID, f.Type, f.Method, f.CorrelID = fr.ID, string(fr.Type), fr.Method, fr.CorrelID
	f.Channel, f.Credits, f.Data = fr.Channel, fr.Credits, fr.Data
	if fr.Error != nil {
		f.Error = &Error{Code: Code(fr.Error.Code), Message: fr.Error.Message, Details: fr.Error.Details, Method: fr.Method}
	}
}
