package client

import (
	"math/rand/v2"
	"time"
)

// The default delays before attempts to reconnect.
const (
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 30 * time.Second
	// healthy is how long a session has to last for the count of attempts to start anew.
	healthy = 10 * time.Second
	// retryAfterMost bounds what a server can ask for with Retry-After.
	retryAfterMost = time.Hour
)

// fullJitter delays by a random time up to a ceiling that doubles, so that the clients of a server
// that comes back do not all come at once.
func fullJitter(attempt int) (time.Duration, bool) {
	ceiling := backoffMost
	if doublings := max(attempt-1, 0); doublings < 7 {
		ceiling = min(ceiling, backoffFirst<<doublings)
	}
	return rand.N(ceiling + 1), true
}

// jittered is d, give or take a fifth of it.
func jittered(d time.Duration) time.Duration { return d - d/5 + rand.N(2*d/5+1) }
