package client_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
)

// A start that arrives at the very moment when its lane's idle time ends takes the lane or dials
// another, in whichever order the two happen. No connection may be forgotten over it.
func TestLaneTakenAsItsIdleTimeEndsIsNotForgotten(t *testing.T) {
	t.Parallel()
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			p := newPeer(t)
			c := p.dial()
			for range 3 {
				if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(30 * time.Second)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			for n := 2; n <= p.count(); n++ {
				if !p.conn(n).isGone() {
					t.Fatalf("connection %d of %d is open a minute and a half after its call", n, p.count())
				}
				if code := p.conn(n).closeCode.Load(); code != 1000 {
					t.Fatalf("connection %d ended with the close code %d, want 1000", n, code)
				}
			}
			if p.conn(1).isGone() || c.State() != client.StateReady {
				t.Fatalf("the main session is gone, %v", c.State())
			}
		})
	}
}

// An expiry that fires as its lane is taken, and runs only after the lane has been given back, is
// that of the idle time before.
func TestLaneIsKeptForItsWholeIdleTimeAfterEachCall(t *testing.T) {
	t.Parallel()
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			p := newPeer(t)
			c := p.dial()
			for range 3 {
				if _, err := c.StartWorkflow(t.Context(), "w", nil); err != nil {
					t.Fatal(err)
				}
				lanes := p.count()
				time.Sleep(29 * time.Second)
				if p.count() != lanes || p.conn(lanes).isGone() {
					t.Fatalf("the lane of a call was closed within 29 s after it")
				}
				time.Sleep(time.Second)
			}
		})
	}
}
