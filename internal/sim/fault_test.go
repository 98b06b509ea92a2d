package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// mishap is something that goes wrong at one moment of a life.
type mishap struct {
	at   time.Duration // since the faults begin
	name string        // what happens, with its parameters
	kind *faultKind
	do   func(w *world)
}

// faultKind is a fault that plans choose from. What it does is drawn when the plan is made, so that
// a seed fixes it.
type faultKind struct {
	name   string
	weight int // how often it is chosen, relative to the others
	make   func(r *rand.Rand) (parameters string, do func(w *world))
	effect effect
}

// effect is what a fault entitles the client to do that it must not do otherwise.
type effect uint

const (
	// mayEnd says that the client may close for good, for credentials or a protocol mismatch.
	mayEnd effect = 1 << iota
	// losesSilently says that the server loses events in a way that no client can notice.
	losesSilently
	// repeats says that the server sends an event twice.
	repeats
	// reorders says that the server sends events in another order.
	reorders
	// forgets says that the server forgets its jobs and runs.
	forgets
	// refuses says that the server refuses requests.
	refuses
	// slows says that what the server sends takes its time, so that the client cannot know when it
	// was sent.
	slows
)

func (e effect) has(other effect) bool { return e&other != 0 }

// faultKinds is every fault there is.
var faultKinds = slices.Concat(networkFaults, serverFaults)

// drawFaults makes a schedule of n faults within a time.
func drawFaults(r *rand.Rand, n int, within time.Duration) []mishap {
	total := 0
	for i := range faultKinds {
		total += faultKinds[i].weight
	}
	var schedule []mishap
	for range n {
		pick := r.IntN(total)
		i := 0
		for pick >= faultKinds[i].weight {
			pick -= faultKinds[i].weight
			i++
		}
		kind := &faultKinds[i]
		parameters, do := kind.make(r)
		f := mishap{at: below(r, within), name: kind.name, kind: kind, do: do}
		if parameters != "" {
			f.name = fmt.Sprintf("%s (%s)", kind.name, parameters)
		}
		schedule = append(schedule, f)
	}
	slices.SortStableFunc(schedule, func(a, b mishap) int { return int(a.at - b.at) })
	return schedule
}

// effects is what a schedule entitles the client to.
func effects(schedule []mishap) (all effect) {
	for _, f := range schedule {
		all |= f.kind.effect
	}
	return all
}

// between draws a duration.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + below(r, most-least+1)
}

// below draws a duration that is less than most, zero if most is.
func below(r *rand.Rand, most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return time.Duration(r.Int64N(int64(most)))
}

// nth draws a small number from 1, mostly the smallest.
func nth(r *rand.Rand) int { return 1 + r.IntN(1+r.IntN(6)) }

// manyBytes draws a number of bytes: within a frame, or within some frames.
func manyBytes(r *rand.Rand) int { return r.IntN([]int{16, 300, 5000}[r.IntN(3)]) }
