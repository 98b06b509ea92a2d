package fault

import (
	"encoding/json"
	"time"
)

// This file is the frame as the functions of faults, and the server's hooks, see it.

// Frame is a frame of the protocol. An empty member is absent. A Frame is a copy of the
// server's that shares what Data and Error refer to: replace them, do not change them in place.
type Frame struct {
	ID       string // identifies the frame among those of its sender
	Type     string // request, response, error, event, ping or pong
	Method   string // of a request
	CorrelID string // the id of the frame that this one answers
	Token    string // of an auth request
	AppID    string // ignored by servers: the token's identity counts
	OrgID    string // ignored by servers: the token's identity counts
	// of a request or response, or an event's envelope: JSON text in both formats
	Data    json.RawMessage
	Error   *ErrorDetail // of an error
	Channel string       // the topic of an event, such as job:<id>; absent for cron events
	Credits uint32       // how many more events the client grants to the server
	TS      time.Time    // when the frame was made; that of its ping in a pong
}

// ErrorDetail is what an error frame says.
type ErrorDetail struct {
	Code    uint32          // such as client.CodeNotFound, or a code that is not known
	Message string          // for people
	Details json.RawMessage // nil for none
}
