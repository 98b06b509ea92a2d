package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/xraph/dispatch/devserver"
)

// register registers the handlers of the jobs and workflows.
func register(srv *devserver.Server) {
	srv.HandleJob("send-email", func(_ context.Context, job devserver.Job) error {
		var mail struct {
			To string `json:"to"`
		}
		if err := json.Unmarshal(job.Payload, &mail); err != nil {
			return err
		}
		if mail.To == "" {
			return errors.New("a mail to nobody")
		}
		return nil
	})
	// A report takes so long that it can be cancelled.
	srv.HandleJob("report", func(ctx context.Context, _ devserver.Job) error {
		<-ctx.Done()
		return ctx.Err()
	})
	srv.HandleWorkflow("order-pipeline", func(_ context.Context, run *devserver.Run) (any, error) {
		for _, step := range steps {
			if err := run.Step(step, work); err != nil {
				return nil, err
			}
		}
		return map[string]string{"status": "shipped"}, nil
	})
	srv.HandleWorkflow("payment", func(_ context.Context, run *devserver.Run) (any, error) {
		return run.WaitForEvent("payment-received", time.Minute)
	})
}

// steps are those of an order.
var steps = []string{"validate", "charge", "ship"}

// work takes a moment, as real steps do.
func work(ctx context.Context) (any, error) {
	select {
	case <-time.After(50 * time.Millisecond):
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
