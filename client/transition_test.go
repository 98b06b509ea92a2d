package client_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
)

// It is not parallel, because it measures the heap.
func TestTransitionsThatAreNeverRangedCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		c := p.dial(every(time.Second))
		before := heap()
		for range 20_000 {
			c.Transitions(context.Background())
		}
		for range 40 { // of three transitions each
			p.conn(p.count()).Cut()
			time.Sleep(2 * time.Second)
		}
		if grown := heap() - before; grown > 8<<20 {
			t.Errorf("20,000 sequences that are not ranged over hold %d bytes", grown)
		}
		runtime.KeepAlive(c)
	})
}

func TestTransitionsBeginWithTheCall(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format, every(time.Second))
		p.conn(1).Cut()
		time.Sleep(2 * time.Second)
		seq := c.Transitions(t.Context())
		p.conn(2).Cut()
		time.Sleep(2 * time.Second)
		var got []client.State
		for _, tr := range steps(seq, 2) {
			got = append(got, tr.To)
		}
		for _, tr := range steps(seq, 1) { // ranged over again, it goes on
			got = append(got, tr.To)
		}
		if diff := cmp.Diff([]client.State{client.StateBackingOff, client.StateConnecting, client.StateReady}, got); diff != "" {
			t.Error(diff)
		}
		c.Close()
		for tr := range c.Transitions(t.Context()) {
			t.Errorf("of a closed client: %+v", tr)
		}
		for tr := range seq {
			if tr.To != client.StateClosed {
				t.Errorf("after that: %+v", tr)
			}
		}
	})
}
