package client

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/wire"
)

// frames returns event frames of many forms, some of which fit into a slab and some not.
func frames(tb testing.TB) (all []wire.Frame) {
	tb.Helper()
	envelope := func(eventType, topic string, data int) []byte {
		return fmt.Appendf(nil, `{"type":"%s","ts":"2026-11-23T14:29:%02d.5Z","topic":"%s","data":{"job_id":"%s"}}`,
			eventType, data%60, topic, strings.Repeat("x", data))
	}
	for size := range 2 * slabMost {
		if size > 100 && size < slabMost-100 && size%50 != 0 {
			continue
		}
		topic := JobChannel(strconv.Itoa(size))
		all = append(all, wire.Frame{Channel: topic, Data: envelope("job.started", topic, size)})
	}
	for i := range 2 * knownTypes {
		all = append(all, wire.Frame{Data: envelope(fmt.Sprint("job.", i), "job:1", i)})
	}
	return append(all,
		wire.Frame{Channel: "job:1", Data: []byte(`{"type":"job.started"}`)},
		wire.Frame{Channel: "job:1", Data: []byte(`{"type":"job.started","data":null}`)},
		wire.Frame{Channel: "job:1", Data: []byte(`{"type":"job.started","data":""}`)},
		wire.Frame{Channel: "job:1", Data: []byte(`{"type":7}`)},
		wire.Frame{Channel: "job:1", Data: []byte(`7`)},
		wire.Frame{Channel: "job:1", Data: envelope(string(EventGap), "job:1", 3)},
		wire.Frame{Data: envelope(strings.Repeat("x", knownTypeBytes), "job:1", 3)},
		wire.Frame{Data: envelope(strings.Repeat("x", knownTypeBytes+1), "job:1", 3)},
		wire.Frame{Data: envelope("cron.fired", "", 3)},
		wire.Frame{Data: envelope("", "", 3)},
		wire.Frame{},
	)
}

// TestEventsOfASlabAreThoseOfTheirMessages writes over each message when its event has been made,
// and appends to the data of each event.
func TestEventsOfASlabAreThoseOfTheirMessages(t *testing.T) {
	t.Parallel()
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			var in inbox
			var want []*Event
			decoder := wire.NewDecoder(format, wire.MaxDepth)
			for i, fr := range frames(t) {
				fr.ID, fr.Type = strconv.Itoa(i), wire.TypeEvent
				message, err := format.Append(nil, &fr)
				if err != nil {
					t.Fatal(err)
				}
				var v wire.View
				if err := decoder.Decode(bytes.Clone(message), &v); err != nil {
					t.Fatal(err)
				}
				want = append(want, arrivalOf(&v, lent).event)
				if err := decoder.Decode(message, &v); err != nil {
					t.Fatal(err)
				}
				in.add(&v, lent)
				for j := range message {
					message[j] = '!'
				}
			}
			for _, a := range in.arrived {
				_ = append(a.event.Data, "beyond the data"...)
			}
			slabs := 0
			for i, a := range in.arrived {
				if diff := cmp.Diff(text(want[i]), text(a.event)); diff != "" {
					t.Errorf("event %d: %s", i, diff)
				}
				size := len(a.event.Topic) + len(a.event.Data)
				if small := size <= slabMost && len(a.event.Type) <= knownTypeBytes && a.event.err == nil; small != (a.slab != nil) {
					t.Errorf("event %d of %d bytes, with a type of %d, is in a slab: %v", i, size, len(a.event.Type), a.slab != nil)
				}
				if i > 0 && a.slab != nil && a.slab != in.arrived[i-1].slab {
					slabs++
				}
			}
			if slabs < 10 {
				t.Errorf("all events lie in %d slabs", slabs)
			}
		})
	}
}

func text(ev *Event) string {
	return fmt.Sprintf("%q %v %q %q %t %v", ev.Type, ev.Time, ev.Topic, ev.Data, ev.Data == nil, ev.err)
}

// TestTypesOfEventsShareMemory is not parallel, since it counts allocations.
func TestTypesOfEventsShareMemory(t *testing.T) {
	var in inbox
	types := map[EventType]bool{}
	for i := range 10 * knownTypes {
		name := fmt.Appendf(nil, "job.%d", i)
		first, second := in.typeOf(name), in.typeOf(bytes.Clone(name))
		if string(first) != string(name) || second != first {
			t.Fatalf("%q is %q, and then %q", name, first, second)
		}
		types[first] = true
	}
	if len(types) != 10*knownTypes || len(in.types) != knownTypes {
		t.Errorf("of %d types, %d are kept, want %d", len(types), len(in.types), knownTypes)
	}
	if n := testing.AllocsPerRun(10, func() { in.typeOf([]byte("job.1")); in.typeOf([]byte("job.2")) }); n > 0 {
		t.Errorf("%v allocations for types that are known", n)
	}
}

func TestQueueCountsASlabOnceForTheEventsThatFollowOneAnother(t *testing.T) {
	t.Parallel()
	q := queue{maxEvents: 100, maxBytes: queueBytes, wake: make(chan struct{}, 1)}
	first, second := new(slab), new(slab)
	const weight = 10
	steps := []struct {
		slab  *slab
		bytes int // after it is added
	}{
		{first, weight + slabBytes},
		{first, 2*weight + slabBytes},
		{nil, 3*weight + slabBytes},
		{first, 4*weight + 2*slabBytes},
		{second, 5*weight + 3*slabBytes},
		{second, 6*weight + 3*slabBytes},
	}
	for i, step := range steps {
		if err := q.push(arrival{event: &Event{}, slab: step.slab, weight: weight}, time.Time{}, false); err != nil {
			t.Fatal(err)
		}
		if q.bytes != step.bytes {
			t.Errorf("after event %d: %d bytes, want %d", i, q.bytes, step.bytes)
		}
	}
	left := []int{5*weight + 3*slabBytes, 4*weight + 2*slabBytes, 3*weight + 2*slabBytes, 2*weight + slabBytes, weight + slabBytes, 0}
	for i, want := range left {
		if _, err := q.pull(false); err != nil {
			t.Fatal(err)
		}
		if q.bytes != want {
			t.Errorf("without event %d: %d bytes, want %d", i, q.bytes, want)
		}
	}
}

func TestQueueOfFewBytesTakesEventsOutOfTheirSlabs(t *testing.T) {
	t.Parallel()
	const data = `{"job_id":"1"}`
	event := func() arrival {
		return arrival{event: &Event{Topic: "job:1", Data: []byte(data)}, slab: new(slab), weight: eventOverhead}
	}
	for bound, want := range map[int]int{20 * event().alone().weight: 20, slabQueueBytes: 15} {
		q := queue{maxEvents: 100, maxBytes: bound, policy: OverflowDropNewest, wake: make(chan struct{}, 1)}
		for range 100 {
			if err := q.push(event(), time.Time{}, false); err != nil {
				t.Fatal(err)
			}
		}
		if got := q.left(); got != want {
			t.Errorf("of events alone in their slabs, %d bytes hold %d, want %d", bound, got, want)
		}
	}
}

func TestCopyOfAnEventSaysWhatItKeeps(t *testing.T) {
	t.Parallel()
	const topic, data = "job:1", `{"job_id":"1"}`
	var in inbox
	in.add(&wire.View{Type: wire.TypeEvent, Event: wire.EventView{Type: []byte("job.started"), Topic: []byte(topic), Data: []byte(data)}}, lent)
	a := in.arrived[0]
	if b := a.another(); b.event == a.event || b.slab != a.slab || b.weight != a.weight {
		t.Errorf("another is %+v of %+v", b, a)
	}
	alone := a.alone()
	for i := range a.slab.text {
		a.slab.text[i] = '!'
	}
	if ev := alone.event; ev.Topic != topic || string(ev.Data) != data {
		t.Errorf("the event alone depends on its slab: %s %s", ev.Topic, ev.Data)
	}
	if least := eventOverhead + len(topic) + len(data); alone.slab != nil || alone.weight < least {
		t.Errorf("the event alone keeps %+v and weighs %d, want %d or more", alone.slab, alone.weight, least)
	}
}
