package client_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
)

// Callers whose ctx ends again and again behind a flush that does not: what they took back leaves
// the memory while the flush is still under way.
func TestFramesTakenBackTakeNoMemory(t *testing.T) { // not parallel: it measures
	for _, name := range formats {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPeer(t)
				c := p.dial(client.WithFormat(name), client.WithWriteTimeout(time.Hour))
				synctest.Wait()
				p.conn(1).StallReads()
				go c.Enqueue(t.Context(), "stuck", strings.Repeat("x", 100<<10))
				synctest.Wait()
				before := heap()
				payload := strings.Repeat("x", 1<<20)
				for range 24 {
					ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
					_, err := c.Enqueue(ctx, "n", payload)
					cancel()
					wantUnwritten(t, err, context.DeadlineExceeded)
				}
				if after := heap(); after > before+8<<20 {
					t.Errorf("%d MiB are kept of what was taken back", (after-before)>>20)
				}
				runtime.KeepAlive(c)
			})
		})
	}
}
