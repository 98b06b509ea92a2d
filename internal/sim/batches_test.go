package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/xraph/dispatch/client"
)

// newBatcher enqueues a batch, breaks out of some, and takes its time now and then. Each item is a
// call of its own, from when it is taken until its result comes.
func newBatcher(r *rand.Rand, name string, s stage) (string, func(context.Context, *world)) {
	n, window, timeout := 1+r.IntN(300), 1+r.IntN(64), between(r, time.Second, callMost)
	breakAfter := n
	if r.IntN(4) == 0 {
		breakAfter = 1 + r.IntN(n)
	}
	items := make([]client.EnqueueItem, n)
	for i := range items {
		items[i] = client.EnqueueItem{Name: "work", Payload: drawWork(r, name+"/"+strconv.Itoa(i), s.large)}
	}
	pauses := rand.New(rand.NewPCG(r.Uint64(), 1))
	return fmt.Sprintf("%d items, window %d, %d results", n, window, breakAfter), func(ctx context.Context, w *world) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		var taken []*call
		sequence := func(yield func(client.EnqueueItem) bool) {
			for _, item := range items {
				if pauses.IntN(20) == 0 && pause(ctx, below(pauses, time.Second)) != nil {
					return
				}
				taken = append(taken, w.calls.begin(name, client.MethodJobEnqueue, item.Payload.(work).Key, timeout))
				if !yield(item) {
					return
				}
			}
		}
		received := 0
		for done, err := range w.client.EnqueueMany(ctx, sequence, client.WithWindow(window)) {
			made := taken[received]
			if key := done.Item.Payload.(work).Key; key != made.key {
				w.violate("the result of %s came for %s", key, made.key)
			}
			if err == nil {
				w.facts.job(done.Result.JobID)
			}
			w.calls.finish(made, done.Result.JobID, err)
			if received++; received == breakAfter {
				break
			}
		}
		if received != len(taken) && received != breakAfter {
			w.violate("%s took %d items, and has %d results", name, len(taken), received)
		}
		// what was dropped is checked as little as what was never asked for
		w.calls.forget(taken[received:])
	}
}
