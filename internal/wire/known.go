package wire

import (
	"encoding/json"
	"time"
)

// The members that the hand-written decoders read, in the order of the generated types. The
// decoders convert these structs to the generated ones, which Go allows only if the fields are the
// same. So a member that the schema gains does not compile until the decoders read it: add it here,
// to the functions that name members, to the general decoders for JSON and msgpack, to [View], and
// to one of the sets below.
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

// Each member is read in one pass, or its presence makes a message one for the general decoders.
const (
	onePassMembers = 1<<memberID | 1<<memberType | 1<<memberCorrelID | 1<<memberChannel | 1<<memberData | 1<<memberTS | 1<<memberTopic
	generalMembers = 1<<memberUnknown | 1<<memberMethod | 1<<memberToken | 1<<memberAppID | 1<<memberOrgID | 1<<memberError |
		1<<memberCredits | 1<<memberCode | 1<<memberMessage | 1<<memberDetails
)

// A member that is in neither set, or in both, does not compile: it is no index of an array of one.
var _ = [1]struct{}{}[1<<stringMembers|onePassMembers^generalMembers^(1<<memberEnd-1)]
