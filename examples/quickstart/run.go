package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/xraph/dispatch/client"
)

// outcome is how a started workflow ended.
type outcome struct {
	result *client.WorkflowResult
	err    error
}

// start starts a workflow without waiting for its end, with which the server answers.
func (t *teller) start(ctx context.Context, name string, input any) <-chan outcome {
	ended := make(chan outcome, 1)
	go func() {
		result, err := t.c.StartWorkflow(ctx, name, input)
		ended <- outcome{result, err}
	}()
	return ended
}

// completed says what is wrong with an outcome.
func (o outcome) completed(runID string) error {
	switch {
	case o.err != nil:
		return o.err
	case o.result.RunID != runID || o.result.State != string(client.RunStateCompleted):
		return fmt.Errorf("run %s ended as %+v", runID, o.result)
	}
	return nil
}

// nextRun waits for a run to begin and returns its id.
func nextRun(ctx context.Context, sub *client.Subscription) (string, error) {
	for ev, err := range sub.All(ctx) {
		if err != nil {
			return "", err
		}
		if p, ok := ev.Payload().(*client.WorkflowEvent); ok && ev.Type == client.EventWorkflowStarted {
			return p.RunID, nil
		}
	}
	return "", errors.New("the subscription ended")
}
