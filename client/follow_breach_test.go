package client_test

import (
	"errors"
	"testing"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// garbled has a peer answer so many of a follower's reads, from the third on, with what breaks the
// session.
func garbled(l *ledger, fo following, reads int) {
	l.deny = func(c *peerConn, fr *wire.Frame, n int) bool {
		if fr.Method != fo.get || n <= 2 || n > 2+reads {
			return false
		}
		c.raw(text("garbage"))
		return true
	}
}

// A peer whose record breaks the session each time must not lose a session every 15 s for good.
func TestFollowersEndAfterThreeProtocolErrorsInARow(t *testing.T) {
	eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		garbled(keepLedger(p, "running"), fo, 1000)
		e := within(t, 5*time.Minute, fo.start(t.Context(), p.dial(format)))
		if _, ok := errors.AsType[*client.ProtocolError](e.err); !ok {
			t.Errorf("ended with %q, %v", e.state, e.err)
		}
	})
}

func TestFollowersOutliveTwoReadsThatBreakTheProtocol(t *testing.T) {
	eachFollowing(t, func(t *testing.T, fo following, format client.Option) {
		p := newPeer(t)
		l := keepLedger(p, "running")
		garbled(l, fo, 2)
		ends := fo.start(t.Context(), p.dial(format))
		time.Sleep(5 * time.Minute)
		l.set("completed")
		wantState(t, within(t, time.Minute, ends), "completed")
	})
}
