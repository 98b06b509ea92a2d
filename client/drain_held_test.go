package client_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
)

func TestDrainCountsAnEventThatItsConsumerHasNotTakenYet(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		sub := subscribe(t, c, "jobs")
		p.conn(1).numbered(1, 3)
		synctest.Wait()
		events := sub.Events() // which offers the first at once
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var left *client.DrainError
		if err := c.Drain(ctx); !errors.As(err, &left) || left.Events != 3 {
			t.Errorf("%v, want 3 events left", err)
		}
		for ev := range events {
			t.Errorf("%v came after the client was closed", ev.Type)
		}
		if got := story(t, rest(t, sub)); len(got) != 3 {
			t.Errorf("%v are left for Next, want 3 events", got)
		}
	})
}
