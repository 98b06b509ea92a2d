package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// actor does something with the client, or with the server, from some point in time on.
type actor struct {
	at         time.Duration // since the faults begin
	name       string
	parameters string
	do         func(ctx context.Context, w *world)
}

// actorKind is a kind of actor. What one does is drawn when the plan is made.
type actorKind struct {
	name        string
	least, most int // of them in a life
	make        func(r *rand.Rand, name string, s stage) (parameters string, do func(ctx context.Context, w *world))
}

// stage is what an actor knows of its life.
type stage struct {
	chaos   time.Duration
	publish int  // events, at most
	large   bool // some of them, and some of the payloads, are larger than the client takes
}

// actorKinds is everything that is done in a life.
var actorKinds = []actorKind{
	{"caller", 1, 5, newCaller},
	{"batcher", 0, 2, newBatcher},
	{"starter", 0, 6, newStarter},
	{"runner", 0, 4, newRunner},
	{"awaiter", 0, 3, newAwaiter},
	{"watcher", 0, 3, newWatcher},
	{"publisher", 1, 3, newPublisher},
	{"subscriber", 1, 5, newSubscriber},
	{"churner", 0, 1, newChurner},
	{"abandoner", 0, 2, newAbandoner},
	{"observer", 0, 1, newObserver},
	{"reconnector", -2, 2, newReconnector},
	{"ender", -6, 1, newEnder},
}

// drawActors chooses who acts.
func drawActors(r *rand.Rand, s stage) []actor {
	var all []actor
	for _, kind := range actorKinds {
		n := kind.least + r.IntN(kind.most-kind.least+1)
		for i := range max(n, 0) {
			a := actor{name: fmt.Sprintf("%s-%d", kind.name, i+1)}
			if r.IntN(2) == 0 {
				a.at = below(r, s.chaos/2)
			}
			a.parameters, a.do = kind.make(rand.New(rand.NewPCG(r.Uint64(), 1)), a.name, s)
			all = append(all, a)
		}
	}
	return all
}
