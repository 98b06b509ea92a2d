package client

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/internal/wire"
)

func TestEventsTakesOverFromAConsumerThatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFirehose(t, wire.FormatJSON, 2)
		defer f.sub.c.cancel()
		first := make(chan *Event, 1)
		go func() {
			ev, _ := f.sub.Next(t.Context())
			first <- ev
		}()
		synctest.Wait()
		events := f.sub.Events()
		synctest.Wait() // its goroutine waits for Next
		f.conn.left.Reset(f.said)
		_ = f.session.read()
		select {
		case ev := <-events:
			if before := <-first; before == nil || before.Topic >= ev.Topic {
				t.Errorf("Next returned %v, and then came %v", before, ev)
			}
		case <-time.After(time.Minute):
			t.Error("no event came after Next had returned")
		}
	})
}
