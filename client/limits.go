package client

import (
	"cmp"

	"github.com/xraph/dispatch/internal/wire"
)

// Limits bounds what a client holds in memory and what it accepts from its server. A field that is
// zero means its default, so the zero value means all defaults. What exceeds a limit fails with a
// [*LimitError], which names the field and matches the sentinel that the field's documentation
// names.
type Limits struct {
	// MessageBytes is the size of a message in either direction, in bytes: 1,024 to 1 GiB, by
	// default 16 MiB.
	//
	// A larger request is not sent: its call fails with [ErrTooLarge]. A larger message from the
	// server is discarded while it streams in: a reply fails its own call with a [*ReplyError] that
	// matches [ErrTooLarge], and an event becomes a [Gap] with the cause [GapTooLarge]. A message
	// that is more than four times as large ends the session, and so does one whose first 4 KiB do
	// not show what it answers.
	//
	// A record holds its payload in base64. With the default, [Client.GetJob] therefore cannot read
	// back a payload of more than 12 MiB.
	MessageBytes int

	// Depth is how many arrays and objects may be nested within one another in a message from the
	// server: 16 to 512, by default 512. A deeper message ends the session with [ErrTooDeep]. In
	// msgpack the JSON text of data does not count; it is held to 512 where it is decoded.
	Depth int

	// WaitingCalls is how many calls may wait for a session or a lane: 1 to 1,048,576, by default
	// 1,024. A further call fails with [ErrTooManyCalls].
	//
	// A call that waits because it lost its session does not count. Neither do the reads of
	// [Client.Watch], [Client.AwaitJob] and [Client.AwaitWorkflow]: at most 64 of them are under
	// way at once, and after an outage they go after the calls that wait.
	WaitingCalls int

	// InFlightCalls is how many calls may wait for their replies, not counting those on lanes: 1 to
	// 1,048,576, by default 65,536. A further call fails with [ErrTooManyCalls]. A call that loses
	// its session counts until it returns. The reads of [Client.Watch], [Client.AwaitJob] and
	// [Client.AwaitWorkflow] do not count.
	InFlightCalls int

	// PendingBytes is how many bytes of calls may wait in a session to be written, including those
	// that are being written: 1,024 to 1<<31-1, by default 64 MiB. They pile up when the server
	// reads slowly. A further call waits for its turn until its ctx ends. A request that is larger
	// than the limit fails with [ErrTooLarge].
	//
	// The client's own requests, such as those for subscriptions, do not wait. They may take as
	// many bytes again, and at least 1 MiB; beyond that [Client.Subscribe] fails with
	// [ErrTooManyCalls].
	PendingBytes int

	// Subscriptions is how many subscriptions there may be at once: 1 to 1,048,576, by default
	// 10,000. A further one fails with [ErrTooManySubscriptions].
	Subscriptions int
}

// WithLimits sets the client's limits. A field that is out of its range is an error of
// [DialContext]. A later WithLimits replaces an earlier one, all fields of it. Default: see
// [Limits].
func WithLimits(limits Limits) Option {
	return func(c *config) { c.limits = limits.withDefaults() }
}

// withDefaults replaces the fields that are zero.
func (l Limits) withDefaults() Limits {
	return Limits{
		MessageBytes:  cmp.Or(l.MessageBytes, wire.MaxMessageBytes),
		Depth:         cmp.Or(l.Depth, wire.MaxDepth),
		WaitingCalls:  cmp.Or(l.WaitingCalls, 1024),
		InFlightCalls: cmp.Or(l.InFlightCalls, 65_536),
		PendingBytes:  cmp.Or(l.PendingBytes, 64<<20),
		Subscriptions: cmp.Or(l.Subscriptions, 10_000),
	}
}
