package client_test

import (
	"context"
	"fmt"
	"log"
)

// The server runs the workflow before it answers. Everything else goes on meanwhile, since the
// call has a connection of its own.
func ExampleClient_StartWorkflow() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	input := map[string]string{"order_id": "ORD-001"}
	run, err := c.StartWorkflow(ctx, "order-pipeline", input)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.RunID[:6], run.Name, run.State)

	details, err := c.GetWorkflow(ctx, run.RunID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s made %s of %s\n", details.State, details.Output, details.Input)
	// Output:
	// wfrun_ order-pipeline completed
	// completed made {"status":"shipped"} of {"order_id":"ORD-001"}
}

func ExampleClient_GetWorkflow() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	run, err := c.StartWorkflow(ctx, "order-pipeline", nil)
	if err != nil {
		log.Fatal(err)
	}
	details, err := c.GetWorkflow(ctx, run.RunID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(details.Name, details.State, details.Version)
	// Output: order-pipeline completed 1
}

func ExampleClient_WorkflowTimeline() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	run, err := c.StartWorkflow(ctx, "order-pipeline", nil)
	if err != nil {
		log.Fatal(err)
	}
	timeline, err := c.WorkflowTimeline(ctx, run.RunID)
	if err != nil {
		log.Fatal(err)
	}
	for _, step := range timeline {
		fmt.Println(step.StepName)
	}
	// Output:
	// validate
	// charge
	// ship
}

// A workflow waits for an event that the same client publishes.
func ExampleClient_PublishEvent() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	run, err := c.RunWorkflow(ctx, "payment", nil)
	if err != nil {
		log.Fatal(err)
	}
	eventPayload := map[string]int{"amount": 42}
	if err := c.PublishEvent(ctx, "payment-received", eventPayload); err != nil {
		log.Fatal(err)
	}
	record, err := run.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s with %s\n", record.State, record.Output)
	// Output: completed with {"amount":42}
}

func ExampleClient_AwaitWorkflow() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	started, err := c.StartWorkflow(ctx, "order-pipeline", nil)
	if err != nil {
		log.Fatal(err)
	}
	run, err := c.AwaitWorkflow(ctx, started.RunID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.State)
	// Output: completed
}

// Watch follows a run to its end. The last event is never missed, even if the run had
// ended before.
func ExampleClient_Watch() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	run, err := c.StartWorkflow(ctx, "order-pipeline", nil)
	if err != nil {
		log.Fatal(err)
	}
	sub, err := c.Watch(ctx, run.RunID)
	if err != nil {
		log.Fatal(err)
	}
	for ev, err := range sub.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(ev.Type, ev.Synthetic)
	}
	// Output: workflow.completed true
}
