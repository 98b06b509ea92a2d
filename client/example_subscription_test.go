package client_test

import (
	"context"
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
)

func ExampleClient_Subscribe() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	sub, err := c.Subscribe(ctx, "jobs")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Unsubscribe(ctx, sub.ID)
	if _, err := c.Enqueue(ctx, "send-email", nil); err != nil {
		log.Fatal(err)
	}
	for range 3 {
		ev, err := sub.Next(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(ev.Type)
	}
	// Output:
	// job.enqueued
	// job.started
	// job.completed
}

// What was missed comes in order with the other events, as a Gap.
func ExampleEvent_Payload() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	sub, err := c.Subscribe(ctx, client.QueueChannel("critical"), client.WithBuffer(100, 1<<20), client.WithOverflow(client.OverflowDropOldest))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.Enqueue(ctx, "send-email", nil, client.WithQueue("critical")); err != nil {
		log.Fatal(err)
	}
	for ev, err := range sub.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		switch p := ev.Payload().(type) {
		case *client.JobEvent:
			fmt.Println(ev.Type, "in", p.Queue)
		case *client.WorkflowEvent:
			fmt.Println(ev.Type, p.StepName)
		case *client.CronEvent:
			fmt.Println(p.EntryName, "fired")
		case *client.Gap:
			fmt.Println("events may be missing:", p.Cause)
		case *client.UnknownEvent:
			fmt.Println("not understood:", p.Err)
		}
		if ev.Type == client.EventJobCompleted {
			break
		}
	}
	if err := sub.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sub.Err(), sub.Dropped())
	// Output:
	// job.enqueued in critical
	// job.started in critical
	// job.completed in critical
	// <nil> 0
}

func ExampleSubscription_Events() {
	c, done := connect()
	defer done()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	sub, err := c.Subscribe(ctx, client.ChannelJobs)
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Discard()
	if _, err := c.Enqueue(ctx, "send-email", nil); err != nil {
		log.Fatal(err)
	}
	select {
	case ev := <-sub.Events():
		fmt.Println(ev.Type)
	case <-ctx.Done():
	}
	// Output: job.enqueued
}
