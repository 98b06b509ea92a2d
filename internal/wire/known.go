package wire

import (
	"encoding/json"
	"time"
)

// The members that the hand-written decoders read, in the order of the generated types. The
// decoders convert these structs to the generated ones, which Go allows only if the fields are the
// same. So a member that the schema gains does not compile until the decoders read it: add it here,
// to the functions that name members, and to the decoders for JSON and msgpack.
type (
	frameMembers struct {
		ID       string
		Type     FrameType
		Method   string
		CorrelID string
		Token    string
		AppID    string
		OrgID    string
		Data     json.RawMessage
		Error    *ErrorDetail
		Channel  string
		Credits  uint32
		TS       time.Time
	}
	errorMembers struct {
		Code    uint32
		Message string
		Details json.RawMessage
	}
	envelopeMembers struct {
		Type  string
		TS    time.Time
		Topic string
		Data  json.RawMessage
	}
)
