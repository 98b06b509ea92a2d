package client_test

import (
	"context"
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
)

// A run is followed from its first event to its last, and its output is decoded.
func ExampleClient_RunWorkflow() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	input := map[string]string{"order_id": "ORD-001"}
	run, err := c.RunWorkflow(ctx, "order-pipeline", input, client.WithRunKey("order_id"))
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range run.Events(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if p, ok := ev.Payload().(*client.WorkflowEvent); ok {
			fmt.Println(p.RunID[:6], ev.Type)
		}
	}
	record, err := run.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var output struct{ Status string }
	if err := record.DecodeOutput(&output); err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.State, output.Status)
	// Output:
	// wfrun_ workflow.started
	// wfrun_ workflow.step_completed
	// wfrun_ workflow.step_completed
	// wfrun_ workflow.step_completed
	// wfrun_ workflow.completed
	// completed shipped
}

// A workflow that waits is known by its key before it ends.
func ExampleRun_ID() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	// The workflow gets a member "run" with a random value.
	run, err := c.RunWorkflow(ctx, "payment", struct{}{}, client.WithRunKey("run"))
	if err != nil {
		log.Fatal(err)
	}
	id, err := run.ID(ctx)
	if err != nil {
		log.Fatal(err)
	}
	record, err := c.GetWorkflow(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.State)
	if err := c.PublishEvent(ctx, "payment-received", nil); err != nil {
		log.Fatal(err)
	}
	if record, err = run.Wait(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.State)
	// Output:
	// running
	// completed
}

func ExampleJob_DecodePayload() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	result, err := c.Enqueue(ctx, "send-email", map[string]string{"to": "user@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	job, err := c.GetJob(ctx, result.JobID)
	if err != nil {
		log.Fatal(err)
	}
	var mail struct{ To string }
	if err := job.DecodePayload(&mail); err != nil {
		log.Fatal(err)
	}
	fmt.Println(mail.To)
	// Output: user@example.com
}
