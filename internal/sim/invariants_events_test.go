package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/websock"
	"github.com/xraph/dispatch/internal/wire"
)

// probe publishes a last tick on every topic, and sees that every subscription is alive or has
// ended with an error.
func (w *world) probe() {
	first := w.ticks.count()
	for _, topic := range tickTopics {
		for _, queue := range tickQueues {
			w.ticks.publish(topic, queue, false)
			// even who has credits for only one gets it
			_ = pause(context.Background(), time.Second)
		}
	}
	_ = pause(context.Background(), settleTime)
	for _, x := range w.allSubs() {
		x.mu.Lock()
		silent := !x.left && !x.over
		for _, i := range x.items {
			silent = silent && i.tick < first
		}
		x.mu.Unlock()
		expected := slices.ContainsFunc(w.ticks.all()[first:], func(t tick) bool { return t.matches(x.channel) })
		if silent && expected && w.client.State() == client.StateReady {
			w.violate("%s: the subscription to %s neither lives nor has it ended", x.name, x.channel)
		}
	}
}

func (w *world) allSubs() []*subscriber {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.subs)
}

// checkStream checks that a subscription got every tick that was published for it, in order and
// once, or a gap in its place.
func (w *world) checkStream(x *subscriber) {
	all := w.ticks.all()
	got := map[int]int{}
	var gaps, anywhere []*client.Gap
	for _, i := range x.items {
		got[i.tick]++
		if i.gap != nil {
			anywhere = append(anywhere, i.gap)
			w.checkGap(x, i.gap)
		}
	}
	missed := func(from, to int) (missed []int) {
		for k := max(from, x.first); k < to; k++ {
			if all[k].matches(x.channel) && got[k] == 0 {
				missed = append(missed, k)
			}
		}
		return missed
	}
	next := x.first
	for _, i := range x.items {
		switch {
		case i.gap != nil:
			gaps = append(gaps, i.gap)
			if i.gap.Cause == client.GapReconnect {
				// Events of other channels may arrive while this one waits to be restored; the gap
				// comes before them.
				x.outages = append(x.outages, i.gap)
			}
			continue
		case i.tick < 0:
			continue
		case all[i.tick].large:
			w.violate("%s: tick %d came, though it is too large", x.name, i.tick)
			continue
		case !all[i.tick].matches(x.channel):
			w.violate("%s: tick %d of %s does not belong to %s", x.name, i.tick, all[i.tick].topic, x.channel)
			continue
		case got[i.tick] > 1 && !w.effects.has(repeats):
			w.violate("%s: tick %d came %d times", x.name, i.tick, got[i.tick])
			continue
		case i.tick < next:
			if i.tick >= x.first && !w.effects.has(reorders|repeats) {
				w.violate("%s: tick %d came after tick %d", x.name, i.tick, next-1)
			}
			continue
		}
		if w.effects.has(reorders) { // a tick stood elsewhere then
			gaps = anywhere
		}
		w.checkMissed(x, missed(next, i.tick), gaps, next > x.first)
		next, gaps = i.tick+1, nil
	}
	// what had come before the end is delivered
	if len(w.faults) == 0 && x.err == io.EOF && !x.left {
		end := len(all)
		for end > 0 && !all[end-1].at.Before(w.endedAt) {
			end--
		}
		w.checkMissed(x, missed(next, end), gaps, false)
	}
}

// checkMissed sees that the ticks missing between two are what the gaps between these say: exactly
// as many, if there is a tick on either side and nothing else that gaps could count.
func (w *world) checkMissed(x *subscriber, missed []int, gaps []*client.Gap, exact bool) {
	all := w.ticks.all()
	counted := 0
	exact = exact && len(gaps) > 0 && strings.Contains(x.channel, ":tick-") && w.effects&(losesSilently|reorders|repeats) == 0
	for _, g := range gaps {
		counted += g.Count
		exact = exact && g.Cause == client.GapOverflow
	}
	if exact && counted != len(missed) {
		w.violate("%s: missed %d ticks, and its gaps counted %d", x.name, len(missed), counted)
	}
	for _, k := range missed {
		spans := func(g *client.Gap) bool { return !all[k].at.Before(g.From) && !all[k].at.After(g.To) }
		tooLarge := func(g *client.Gap) bool { return g.Cause == client.GapTooLarge }
		covered := all[k].large && slices.ContainsFunc(gaps, tooLarge) || w.effects.has(slows) && len(gaps) > 0 || slices.ContainsFunc(gaps, spans) ||
			slices.ContainsFunc(x.outages, spans)
		if !covered && (w.heard[k] || !w.effects.has(losesSilently)) {
			w.violate("%s: missed tick %d at %.3fs (heard: %v), and none of the gaps in its place covers it: %s",
				x.name, k, all[k].at.Sub(w.history.start).Seconds(), w.heard[k], w.describe(gaps))
			return
		}
	}
}

// checkGap sees that a gap says something sensible.
func (w *world) checkGap(x *subscriber, g *client.Gap) {
	switch {
	case g.To.Before(g.From), g.From.Before(w.history.start):
		w.violate("%s: a gap with an impossible time: %s", x.name, w.describe([]*client.Gap{g}))
	case g.Cause == client.GapOverflow && g.Count <= 0:
		w.violate("%s: an overflow of nothing", x.name)
	case g.Cause == client.GapTooLarge && (w.message == plentyMessage || g.Count <= 0):
		w.violate("%s: a gap for large events: %s", x.name, w.describe([]*client.Gap{g}))
	case g.Cause == client.GapTooLarge:
	case g.Cause == client.GapReconnect && w.lifetime > 0: // a renewal
	case g.Cause != client.GapOverflow && len(w.faults) == 0 && w.credits >= 1_000_000 && !w.reconnects:
		w.violate("%s: a gap without a reason: %s", x.name, w.describe([]*client.Gap{g}))
	}
}

func (w *world) describe(gaps []*client.Gap) string {
	var b strings.Builder
	for _, g := range gaps {
		since := func(t time.Time) float64 { return t.Sub(w.history.start).Seconds() }
		fmt.Fprintf(&b, " [%s %.3fs to %.3fs, %d]", g.Cause, since(g.From), since(g.To), g.Count)
	}
	return b.String()
}

// hear returns the ticks that the client has read from the network in full, whatever it did with
// them.
func hear(links []*link) map[int]bool {
	heard := map[int]bool{}
	for _, l := range links {
		raw := l.what()
		_, frames, _ := bytes.Cut(raw, []byte("\r\n\r\n")) // the answer to the upgrade
		for in := websock.NewReader(bytes.NewReader(frames), websock.Options{Side: ws.StateClientSide}); ; {
			_, message, err := in.Next()
			if err != nil {
				break
			}
			if number, ok := tickIn(message); ok {
				heard[number] = true
			}
		}
	}
	return heard
}

// tickIn finds a tick in a message of either format.
func tickIn(message []byte) (number int, ok bool) {
	for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
		var fr wire.Frame
		var ev wire.EventEnvelope
		if format.Decode(message, &fr) != nil || fr.Type != wire.TypeEvent || wire.DecodeEnvelope(fr.Data, &ev) != nil {
			continue
		}
		return tickNumber(ev.Topic, ev.Data)
	}
	return 0, false
}
