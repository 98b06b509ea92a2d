package client

import (
	"unsafe"

	"github.com/xraph/dispatch/internal/wire"
)

const (
	// slabEvents is how many events share a slab at most.
	slabEvents = 16
	// slabBytes is the size of a slab: one that the runtime allocates without waste.
	slabBytes = 6 << 10
	// slabMost is how many bytes an event may take in a slab. A larger one has memory of its own.
	slabMost = 1 << 10
	// knownTypes is how many types of events are kept.
	knownTypes = 64
	// knownTypeBytes is how long the type of an event in a slab may be: so short that eventOverhead
	// covers it, since the queue's byte bound does not count it.
	knownTypeBytes = 64
)

// slab is memory for events that come one after another, so that one allocation serves many. One
// event that is kept keeps the others' memory: see queue.bytes. What has been handed out is never
// written again.
type slab struct {
	events [slabEvents]Event
	text   [slabBytes - slabEvents*unsafe.Sizeof(Event{})]byte // topics and data
}

// inbox makes events of the frames of a session and gathers them until they are handed over. Only
// the session's reader uses it.
type inbox struct {
	arrived []arrival // not handed over yet

	slab   *slab
	events int // so many are used
	text   int // so much is used

	// The types that came, so that an event which is forgotten is not kept by its type.
	latest EventType
	types  map[string]EventType
}

// add makes an event of a frame whose message keeps so many bytes alive.
func (in *inbox) add(fr *wire.View, message int) {
	topic := fr.Event.Topic
	if len(topic) == 0 {
		topic = fr.Channel
	}
	size := len(topic) + len(fr.Event.Data)
	if fr.EventErr != nil || size > slabMost || len(fr.Event.Type) > knownTypeBytes || string(fr.Event.Type) == string(EventGap) {
		in.arrived = append(in.arrived, arrivalOf(fr, message))
		return
	}
	if in.slab == nil || in.events == slabEvents || size > len(in.slab.text)-in.text {
		in.slab, in.events, in.text = new(slab), 0, 0
	}
	ev := &in.slab.events[in.events]
	in.events++
	ev.Type, ev.Time = in.typeOf(fr.Event.Type), fr.Event.TS
	if len(topic) > 0 {
		copied := in.copied(topic)
		ev.Topic = unsafe.String(unsafe.SliceData(copied), len(copied)) //nolint:gosec // never written again
	}
	if fr.Event.Data != nil {
		ev.Data = in.copied(fr.Event.Data)
	}
	in.arrived = append(in.arrived, arrival{event: ev, slab: in.slab, weight: eventOverhead})
}

// copied copies bytes into the slab. Appending to the copy does not reach what follows it.
func (in *inbox) copied(b []byte) []byte {
	end := in.text + copy(in.slab.text[in.text:], b)
	b = in.slab.text[in.text:end:end]
	in.text = end
	return b
}

// typeOf returns a type in memory that events share.
func (in *inbox) typeOf(name []byte) EventType {
	if string(name) == string(in.latest) {
		return in.latest
	}
	t, known := in.types[string(name)]
	if !known {
		t = EventType(name)
		if len(in.types) < knownTypes {
			if in.types == nil {
				in.types = make(map[string]EventType)
			}
			in.types[string(t)] = t
		}
	}
	in.latest = t
	return t
}
