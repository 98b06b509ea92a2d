package client

import (
	"context"
	"testing"
	"testing/synctest"
)

// arriving waits at a gate and closes the channel when it has been let in.
func arriving(t *testing.T, ctx context.Context, st *status, w waiter) <-chan struct{} {
	t.Helper()
	through := make(chan struct{})
	go func() {
		defer close(through)
		if _, err := st.waitReady(ctx, defaults(), w); err != nil && ctx.Err() == nil {
			t.Errorf("await: %v", err)
		}
	}()
	synctest.Wait()
	return through
}

func isClosed(c <-chan struct{}) bool {
	synctest.Wait()
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestGateLetsFollowersInAfterAllOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var st status
		st.init(defaults())
		behind := arriving(t, t.Context(), &st, ownRead)
		ctx, cancel := context.WithCancel(t.Context())
		first := arriving(t, t.Context(), &st, newCall)
		second := arriving(t, ctx, &st, admittedCall)
		st.mu.Lock()
		st.ahead++ // a third, which has not woken up yet
		st.mu.Unlock()
		st.ready(&session{endpoint: new(endpoint), dead: make(chan struct{})})
		if !isClosed(first) || !isClosed(second) || isClosed(behind) {
			t.Fatalf("through: calls %v and %v, the follower %v; want the calls alone", isClosed(first), isClosed(second), isClosed(behind))
		}
		if late := arriving(t, t.Context(), &st, ownRead); isClosed(late) {
			t.Error("a follower that comes later overtakes a call")
		}
		st.mu.Lock()
		st.waiting++
		st.leaveLocked(newCall)
		st.mu.Unlock()
		if !isClosed(behind) {
			t.Error("the follower is not let in after the last call")
		}
		cancel()
	})
}

func TestGateLetsFollowersInAfterACallThatGaveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var st status
		st.init(defaults())
		ctx, cancel := context.WithCancel(t.Context())
		call := arriving(t, ctx, &st, newCall)
		behind := arriving(t, t.Context(), &st, ownRead)
		cancel()
		if !isClosed(call) || isClosed(behind) || st.waiting != 0 || st.ahead != 0 {
			t.Errorf("the call %v, the follower %v, %d waiting, %d ahead", isClosed(call), isClosed(behind), st.waiting, st.ahead)
		}
		st.ready(&session{endpoint: new(endpoint), dead: make(chan struct{})})
		if !isClosed(behind) {
			t.Error("the follower is not let in")
		}
	})
}
