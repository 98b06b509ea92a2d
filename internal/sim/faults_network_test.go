package sim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// networkFaults happen between client and server.
var networkFaults = []faultKind{
	{name: "cut all", weight: 4, make: func(*rand.Rand) (string, func(*world)) {
		return "", func(w *world) { w.net.each(func(l *link) { l.Cut() }) }
	}},
	{name: "cut after so many bytes from the client", weight: 4, make: func(r *rand.Rand) (string, func(*world)) {
		n := manyBytes(r)
		return fmt.Sprintf("%d bytes", n), func(w *world) { w.net.each(func(l *link) { l.CutAfterWrites(n) }) }
	}},
	{name: "cut after so many bytes to the client", weight: 4, make: func(r *rand.Rand) (string, func(*world)) {
		n := manyBytes(r)
		return fmt.Sprintf("%d bytes", n), func(w *world) { w.net.each(func(l *link) { l.server.CutAfterWrites(n) }) }
	}},
	{name: "cut the next connection early, from the client", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		n := r.IntN(900)
		return fmt.Sprintf("%d bytes", n), func(w *world) {
			w.net.next(func(l *link) { l.CutAfterWrites(n) })
			w.net.each(func(l *link) { l.Cut() })
		}
	}},
	{name: "cut the next connection early, to the client", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		n := r.IntN(900)
		return fmt.Sprintf("%d bytes", n), func(w *world) {
			w.net.next(func(l *link) { l.server.CutAfterWrites(n) })
			w.net.each(func(l *link) { l.Cut() })
		}
	}},
	{name: "half-open", weight: 3, make: func(*rand.Rand) (string, func(*world)) {
		return "", func(w *world) { w.net.each(func(l *link) { l.Freeze() }) }
	}},
	{name: "stall", weight: 2, effect: slows, make: func(r *rand.Rand) (string, func(*world)) {
		d := between(r, time.Millisecond, 70*time.Second)
		return d.String(), func(w *world) {
			w.net.each((*link).stall)
			w.after(d, func() { w.net.each((*link).resume) })
		}
	}},
	{name: "refuse dials", weight: 3, make: func(r *rand.Rand) (string, func(*world)) {
		d := between(r, time.Millisecond, 20*time.Second)
		return d.String(), func(w *world) {
			w.net.refuse(true)
			w.net.each(func(l *link) { l.Cut() })
			w.after(d, func() { w.net.refuse(false) })
		}
	}},
	{name: "an endpoint is down", weight: 3, make: func(r *rand.Rand) (string, func(*world)) {
		which, d := r.IntN(mostEndpoints), between(r, time.Millisecond, 60*time.Second)
		return fmt.Sprintf("%s for %v", endpointAddr(which), d), func(w *world) {
			w.net.lose(endpointAddr(which))
			w.after(d, func() { w.net.lose("") })
		}
	}},
	{name: "slow dials", weight: 2, make: func(r *rand.Rand) (string, func(*world)) {
		d := between(r, time.Millisecond, 40*time.Second)
		return d.String(), func(w *world) {
			w.net.slow(d)
			w.net.each(func(l *link) { l.Cut() })
			w.after(d, func() { w.net.slow(0) })
		}
	}},
}
