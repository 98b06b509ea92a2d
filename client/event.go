package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/xraph/dispatch/codec"
)

// EventGap is the type of an event that the client makes to report missed events. Its payload is a
// [*Gap]. An event of this type from a server becomes one with an empty type and an
// [*UnknownEvent].
const EventGap EventType = "client.gap"

// Event is an event as a subscription delivers it. Several subscriptions may share its Data, so do
// not modify it. Up to 16 consecutive events share up to 6 KiB of memory, which is kept as long as
// one of them, its Topic or its Data is: to keep a few events out of many, keep copies.
type Event struct {
	Type  EventType
	Time  time.Time       // by the server's clock; of a Gap, by the client's
	Topic string          // job:<id> or workflow:<run id>; empty for cron events and gaps
	Data  json.RawMessage // the payload, without the envelope; nil for gaps
	// Synthetic: the client made the event. This is so for gaps, and for the last event of a
	// watched run if no event of the server announced the end.
	Synthetic bool

	gap *Gap
	err error // of the envelope
}

// Payload decodes the event's data, anew in each call. It returns a [*JobEvent], [*WorkflowEvent]
// or [*CronEvent], according to the type, and a [*Gap] for [EventGap]. An event that this build
// does not know or cannot decode gives an [*UnknownEvent]. The result is never nil.
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
	Err  error // the reason; never nil
}

// Gap is the payload of [EventGap]: events of the subscription may have been missed between From
// and To. It is delivered in their place, once events flow again. A consumer that reads the present
// state after a gap has therefore missed nothing.
//
// A server drops events without a sign when too many wait for a slow connection. No Gap reports
// this.
type Gap struct {
	Cause    GapCause
	From, To time.Time // by the client's clock
	Count    int       // how many were missed, with GapTooLarge at most; 0 if unknown
}

// GapCause is the reason for which events were missed.
type GapCause string

// The causes of gaps.
const (
	GapReconnect GapCause = "reconnect" // the connection was lost, and restored
	GapCredits   GapCause = "credits"   // the server may have had no credits left to send events
	GapOverflow  GapCause = "overflow"  // the subscription's queue was full
	// GapTooLarge: an event was larger than Limits.MessageBytes. It may have been another
	// subscription's.
	GapTooLarge GapCause = "too large"
)
