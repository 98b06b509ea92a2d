package client_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
)

// Nothing may depend on how long all requests together take to be written: the next session would
// begin anew, for ever.
func TestManySubscriptionsAreRestoredWithASlowPeer(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		const many, rate = 1000, 4 << 10 // bytes a second
		p := newPeer(t)
		p.admit = func(c *peerConn) bool {
			if c.n > 1 {
				c.Throttle(rate)
			}
			return true
		}
		c := p.dial(format, afterASecond)
		subs := make([]*client.Subscription, many)
		for i := range subs {
			subs[i] = subscribe(t, c, client.JobChannel(fmt.Sprint(strings.Repeat("long", 50), i)))
		}
		p.conn(1).Cut()
		synctest.Wait()
		begin := time.Now()
		for _, sub := range subs {
			if ev, err := nextWithin(t, sub, 10*time.Minute); err != nil || ev.Type != client.EventGap {
				t.Fatalf("%+v, %v, want the gap", ev, err)
			}
		}
		if n := p.count(); n != 2 {
			t.Errorf("%d connections, want one more than the first", n)
		}
		if took := time.Since(begin); took < time.Minute {
			t.Errorf("restored within %v, though the link is slow", took)
		}
	})
}
