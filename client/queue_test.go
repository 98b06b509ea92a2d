package client

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOverflowGapSpansTheTimesOfWhatWasDropped(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		policy   Overflow
		from, to time.Duration // of the gap, after the first event
	}{
		{"the oldest", OverflowDropOldest, 0, time.Second},
		{"the newest", OverflowDropNewest, 2 * time.Second, 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := queue{maxEvents: 2, maxBytes: queueBytes, policy: test.policy, wake: make(chan struct{}, 1)}
				start := time.Now()
				for range 4 {
					if err := q.push(arrival{event: &Event{}}, time.Now(), false); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
				}
				var got []*Gap
				for range 3 {
					ev, err := q.pull(false)
					if err != nil {
						t.Fatal(err)
					}
					if ev.gap != nil {
						got = append(got, ev.gap)
					}
				}
				want := []*Gap{{Cause: GapOverflow, From: start.Add(test.from), To: start.Add(test.to), Count: 2}}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
