package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/xraph/dispatch/codec"
)

// EventGap is the type of the event that tells a subscriber what it has missed. No server sends it.
const EventGap EventType = "client.gap"

// Event is something that happened, as a subscription delivers it. Its Data may be shared with
// other subscriptions: do not change it.
type Event struct {
	Type  EventType
	Time  time.Time       // by the server's clock, that of a Gap by the client's
	Topic string          // job:<id> or workflow:<run id>; empty for cron events and gaps
	Data  json.RawMessage // the payload, without the envelope; nil for gaps
	// made by the client, not received: gaps, and the end of a watched run that nobody announced
	Synthetic bool

	gap  *Gap
	err  error // of the envelope
	kept int   // bytes of the message that Data is a view of; 0 if Data has memory of its own
}

// sharedSlack is how much larger than twice its data a message may be whose data is not copied out
// of it.
const sharedSlack = 1 << 10

// detach settles what an event keeps alive whose data is a view of a message of so many bytes: the
// message, or a copy of the data if most of the message is something else.
func (e *Event) detach(message int) {
	if e.kept = message; message > 2*len(e.Data)+sharedSlack {
		e.Data, e.kept = bytes.Clone(e.Data), 0
	}
}

// weight is how many bytes an event keeps alive.
func (e *Event) weight() int {
	n := eventOverhead + len(e.Type) + len(e.Topic) + max(cap(e.Data), e.kept)
	if e.err != nil {
		n += 2 * len(e.err.Error()) // with what it wraps
	}
	return n
}

// Payload decodes the event's data, anew on each call: *JobEvent, *WorkflowEvent or *CronEvent by
// its type, *Gap for [EventGap], and *UnknownEvent for what this build does not know or cannot
// decode.
func (e *Event) Payload() any {
	if e.gap != nil {
		return e.gap
	}
	if e.err != nil {
		return &UnknownEvent{Type: e.Type, Data: e.Data, Err: e.err}
	}
	p := newPayload(e.Type)
	if p == nil {
		return &UnknownEvent{Type: e.Type, Data: e.Data, Err: fmt.Errorf("dispatch: unknown event type %q", e.Type)}
	}
	if isAbsent(e.Data) {
		return &UnknownEvent{Type: e.Type, Data: e.Data, Err: errors.New("dispatch: event without a payload")}
	}
	if err := codec.Unmarshal(e.Data, p); err != nil {
		return &UnknownEvent{Type: e.Type, Data: e.Data, Err: fmt.Errorf("dispatch: payload of %s: %w", e.Type, err)}
	}
	return p
}

// UnknownEvent is the payload of an event that this build does not know or cannot decode.
type UnknownEvent struct {
	Type EventType
	Data json.RawMessage
	Err  error // why; never nil
}

// Gap is the payload of [EventGap]: between From and To, events of the subscription may have been
// missed. It stands where they would have stood, and comes when events can flow again, so whoever
// reads the present state when it comes has missed nothing.
//
// What the server loses because too many events wait for a slow connection shows nowhere, so no Gap
// can tell of it.
type Gap struct {
	Cause    GapCause
	From, To time.Time // by the client's clock
	Count    int       // how many were missed, at most with GapTooLarge; 0 if that cannot be known
}

// GapCause is why events were missed.
type GapCause string

// The causes of gaps.
const (
	GapReconnect GapCause = "reconnect" // the connection was lost, and restored
	GapCredits   GapCause = "credits"   // the server may have had no credits left to send events
	GapOverflow  GapCause = "overflow"  // the subscription's queue was full
	// GapTooLarge: an event, perhaps of the subscription, was larger than Limits.MessageBytes.
	GapTooLarge GapCause = "too large"
)
