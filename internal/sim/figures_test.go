package sim

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/xraph/dispatch/client"
)

// figures is what there was in many lives, to show that something was.
type figures struct {
	start time.Time

	mu                              sync.Mutex
	lives, faults, sessions, wrong  int
	calls, succeeded, unknown       int
	ticks, delivered                int
	renewals                        int // of sessions
	reconnects, overflows, starving int // gaps, by cause
	follows                         int // waits for the end of a job or a run that received it
}

// add counts a life that is over.
func (f *figures) add(w *world) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lives++
	f.faults += len(w.faults)
	f.sessions += len(w.net.all())
	f.wrong += len(w.wrong)
	f.ticks += w.ticks.count()
	f.renewals += w.history.renewals()
	for _, c := range w.calls.all() {
		f.calls++
		var unknown *client.OutcomeUnknownError
		switch {
		case c.err == nil:
			f.succeeded++
		case errors.As(c.err, &unknown):
			f.unknown++
		}
	}
	for _, x := range w.subs {
		for _, i := range x.items {
			f.count(i)
		}
	}
	for _, e := range w.entities {
		if e.err == nil {
			f.follows++
		}
	}
}

func (f *figures) count(i item) {
	switch {
	case i.gap == nil:
		f.delivered++
	case i.gap.Cause == client.GapReconnect:
		f.reconnects++
	case i.gap.Cause == client.GapOverflow:
		f.overflows++
	default:
		f.starving++
	}
}

func (f *figures) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fmt.Sprintf("%d lives in %v: %d faults, %d connections, %d sessions renewed; %d calls, %d succeeded, %d with an unknown outcome; "+
		"%d ticks published, %d events delivered; gaps: %d reconnect, %d overflow, %d credits; %d ends of jobs and runs reported; %d wrong",
		f.lives, time.Since(f.start).Round(time.Second), f.faults, f.sessions, f.renewals, f.calls, f.succeeded, f.unknown,
		f.ticks, f.delivered, f.reconnects, f.overflows, f.starving, f.follows, f.wrong)
}
