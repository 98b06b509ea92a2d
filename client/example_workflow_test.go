package client_test

import (
	"context"
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
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

// A workflow waits for an event that the same client publishes. The event of the run's start has
// its id.
func ExampleClient_PublishEvent() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	sub, err := c.Subscribe(ctx, client.ChannelWorkflows)
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := c.StartWorkflow(ctx, "payment", nil)
		ended <- err
	}()
	started, err := sub.Next(ctx)
	if err != nil {
		log.Fatal(err)
	}
	runID := started.Payload().(*client.WorkflowEvent).RunID

	eventPayload := map[string]int{"amount": 42}
	if err := c.PublishEvent(ctx, "payment-received", eventPayload); err != nil {
		log.Fatal(err)
	}
	if err := <-ended; err != nil {
		log.Fatal(err)
	}
	run, err := c.GetWorkflow(ctx, runID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s with %s\n", run.State, run.Output)
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
