package main

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/xraph/dispatch/client"
)

const tickRun = "tick"

var tickTopic = client.WorkflowChannel(tickRun)

// stream is a subscription to the numbered events, whose consumer sees that none is missing without
// an error.
type stream struct {
	name, channel string
	exact         bool // it gets nothing else, so that gaps count no other events
	slow          time.Duration
	buffer        int

	sub  *client.Subscription
	fast atomic.Bool  // slow no more
	last atomic.Int64 // the latest number
	got  atomic.Int64
}

func (st *stream) subscribe(ctx context.Context, c *client.Client) (err error) {
	buffer := max(st.buffer, 1)
	if st.slow == 0 {
		buffer = 100_000
	}
	st.sub, err = c.Subscribe(ctx, st.channel, client.WithBuffer(buffer, 64<<20))
	return err
}

// consume takes events to the subscription's end.
func (st *stream) consume(s *soak) {
	var gaps []*client.Gap
	for {
		ev, err := st.sub.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.violate("%s: %v", st.name, err)
			return
		}
		switch p := ev.Payload().(type) {
		case *client.Gap:
			gaps = append(gaps, p)
			s.totals.gap(p)
		case *client.WorkflowEvent:
			if p.RunID == tickRun {
				st.take(s, p.ElapsedMs, gaps)
				gaps = gaps[:0]
			}
		}
		s.totals.events.Add(1)
		if st.slow > 0 && !st.fast.Load() {
			pause(context.Background(), st.slow)
		}
	}
}

// take sees that a number follows the one before it, or that the gaps between them say why not.
func (st *stream) take(s *soak, number int64, gaps []*client.Gap) {
	missing := number - st.last.Load() - 1
	counted, exact := int64(0), st.exact
	for _, g := range gaps {
		counted += int64(g.Count)
		exact = exact && g.Cause == client.GapOverflow
	}
	switch {
	case missing < 0:
		s.violate("%s: %d came after %d", st.name, number, st.last.Load())
	case missing > 0 && len(gaps) == 0:
		s.violate("%s: %d events before %d are missing, without a gap", st.name, missing, number)
	case len(gaps) > 0 && exact && counted != missing:
		s.violate("%s: %d events before %d are missing, and its gaps count %d", st.name, missing, number, counted)
	}
	s.totals.missing.Add(max(missing, 0))
	st.last.Store(number)
	st.got.Add(1)
}
