package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
)

func TestCallThatWasTakenBackIsNeverSent(t *testing.T) {
	bubble(t, func(t *testing.T, format client.Option) {
		p := newPeer(t)
		c := p.dial(format)
		p.conn(1).StallReads()
		results := make(chan error, 5)
		enqueue := func(ctx context.Context, name string, payload any) {
			_, err := c.Enqueue(ctx, name, payload)
			results <- err
		}
		// its flush is under way until the peer reads
		go enqueue(t.Context(), "big", strings.Repeat("x", 100<<10))
		synctest.Wait()
		// Behind it wait calls that are given up and calls that are not.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for i := range 4 {
			if i%2 == 0 {
				go enqueue(ctx, fmt.Sprintf("given up %d", i), strings.Repeat("y", 100*i))
			} else {
				go enqueue(t.Context(), fmt.Sprintf("kept %d", i), strings.Repeat("z", 100*i))
			}
			synctest.Wait()
		}
		for range 2 {
			wantUnwritten(t, <-results, context.DeadlineExceeded)
		}
		p.conn(1).Resume()
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(map[string]int{"big": 1, "kept 1": 1, "kept 3": 1}, p.enqueued); diff != "" {
			t.Error(diff)
		}
	})
}
