package client

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/xraph/dispatch/internal/wire"
)

// arrival is an event that has come, and what it keeps alive.
type arrival struct {
	event  *Event
	slab   *slab // which it lies in, or what it refers to; nil if it has memory of its own
	weight int   // of what it keeps besides, in bytes
}

// sharedSlack is how much larger than twice its data a message may be whose data is not copied out
// of it.
const sharedSlack = 1 << 10

// lent is how many bytes what is kept of a message counts whose memory the next message takes: so
// many that nothing of it may be kept.
const lent = math.MaxInt

var errForgedGap = fmt.Errorf("dispatch: a server's event of the client's own type %q", EventGap)

// arrivalOf makes an event of an event frame whose message keeps this many bytes in memory. The
// event's data is a copy, or a view of the message if that has little else. An event whose envelope
// does not decode keeps its topic, because the topic decides which subscriptions get it.
func arrivalOf(fr *wire.View, message int) arrival {
	ev := Event{Time: fr.TS, Data: fr.Data}
	if fr.EventErr != nil {
		ev.err = fmt.Errorf("dispatch: undecodable event: %w", fr.EventErr)
	} else {
		ev = Event{Type: EventType(fr.Event.Type), Time: fr.Event.TS, Topic: string(fr.Event.Topic), Data: fr.Event.Data}
	}
	if ev.Topic == "" {
		ev.Topic = string(fr.Channel)
	}
	if ev.Type == EventGap {
		// Users rely on a *Gap being the payload of this type.
		ev.Type, ev.err = "", errForgedGap
	}
	kept := message
	if message > 2*len(ev.Data)+sharedSlack {
		ev.Data, kept = bytes.Clone(ev.Data), 0
	}
	return arrival{event: &ev, weight: max(ev.weight(), ev.weight()-cap(ev.Data)+kept)}
}

// alone returns the arrival with a copy of the event in memory of its own.
func (a arrival) alone() arrival {
	ev := *a.event
	ev.Topic, ev.Data = strings.Clone(ev.Topic), bytes.Clone(ev.Data)
	return arrival{event: &ev, weight: ev.weight()}
}

// another returns the arrival with a copy of the event that shares what it refers to.
func (a arrival) another() arrival {
	ev := *a.event
	return arrival{event: &ev, slab: a.slab, weight: a.weight}
}

// weight is how many bytes an event keeps alive that has memory of its own.
func (e *Event) weight() int {
	n := eventOverhead + len(e.Type) + len(e.Topic) + cap(e.Data)
	if e.err != nil {
		n += 2 * len(e.err.Error()) // with what it wraps
	}
	return n
}
