package client

import (
	"strings"
	"testing"
	"time"
)

// The wall clock is set while a session lasts. Timers follow the monotonic clock, tokens expire by
// the wall clock.
func TestRenewalFollowsTheWallClock(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for name, test := range map[string]struct {
		after, set time.Duration // since the start; what the wall clock is set forward by
		asks       bool
	}{
		"nothing is set":                 {50 * time.Minute, 0, false},
		"due":                            {56 * time.Minute, 0, true},
		"set forward beyond the expiry":  {10 * time.Minute, 2 * time.Hour, true},
		"set forward to before it":       {10 * time.Minute, 40 * time.Minute, false},
		"set back":                       {56 * time.Minute, -time.Hour, false},
		"set back, and the time is over": {2 * time.Hour, -time.Hour, true},
		"set forward in the first 30 s":  {20 * time.Second, 2 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &renewal{expires: wall(start.Add(time.Hour))}
			r.plan(start)
			if text := r.due.String(); strings.Contains(text, "m=") {
				t.Errorf("%s has a monotonic reading", text)
			}
			wait := r.wait(start.Add(test.after), wall(start.Add(test.after+test.set)))
			if (wait == 0) != test.asks || wait > time.Minute {
				t.Errorf("waits %v", wait)
			}
		})
	}
}
