package programs

import (
	"context"
	"iter"

	"github.com/xraph/dispatch/client"
)

// Tally is how the items of a batch ended.
type Tally struct {
	Enqueued int
	Again    []Report // not enqueued
	Perhaps  []Report // the outcome is unknown: look before enqueueing again
}

// EnqueueAll enqueues a report for each month, thousands of them over one connection.
func EnqueueAll(ctx context.Context, c client.JobClient, reports iter.Seq[Report]) (t Tally) {
	for done, err := range makeReport.EnqueueMany(ctx, c, reports) {
		report, _ := done.Item.Payload.(Report)
		switch {
		case err == nil:
			t.Enqueued++
		case client.SafeToRetry(err):
			t.Again = append(t.Again, report)
		default:
			t.Perhaps = append(t.Perhaps, report)
		}
	}
	return t
}
