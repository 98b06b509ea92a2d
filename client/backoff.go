package client

import (
	"math/rand/v2"
	"time"
)

// The default delays before attempts to reconnect.
const (
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 30 * time.Second
	// healthy is how long a session must last to reset the attempt count.
	healthy = 10 * time.Second
	// retryAfterMost limits the delay that a server can request with Retry-After.
	retryAfterMost = time.Hour
)

// fullJitter returns a random delay up to a ceiling that doubles with each attempt. The randomness
// keeps a restarted server's clients from reconnecting all at once.
func fullJitter(attempt int) (time.Duration, bool) {
	ceiling := backoffMost
	if doublings := max(attempt-1, 0); doublings < 7 {
		ceiling = min(ceiling, backoffFirst<<doublings)
	}
	return rand.N(ceiling + 1), true
}

// jittered returns d changed at random by up to a fifth in either direction.
func jittered(d time.Duration) time.Duration { return d - d/5 + rand.N(2*d/5+1) }
