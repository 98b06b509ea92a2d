package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

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

// subscribed enqueues a job and subscribes to its events, for the examples that consume them.
func subscribed(opts ...client.SubscribeOption) (c *client.Client, sub *client.Subscription, done func()) {
	c, done = connect()
	ctx := context.Background()
	sub, err := c.Subscribe(ctx, client.ChannelJobs, opts...)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.Enqueue(ctx, "send-email", nil); err != nil {
		log.Fatal(err)
	}
	return c, sub, done
}

// Next is for a consumer that bounds its wait for each event.
func ExampleSubscription_Next() {
	_, sub, done := subscribed()
	defer done()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ev, err := sub.Next(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ev.Type)
	// Output: job.enqueued
}

// All is for a consumer that does nothing else.
func ExampleSubscription_All() {
	_, sub, done := subscribed()
	defer done()

	for ev, err := range sub.All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(ev.Type)
		if ev.Type == client.EventJobCompleted {
			break
		}
	}
	// Output:
	// job.enqueued
	// job.started
	// job.completed
}

// What is queued can still be read after Close. Then Next returns io.EOF.
func ExampleSubscription_Close() {
	_, sub, done := subscribed()
	defer done()
	ctx := context.Background()

	if _, err := sub.Next(ctx); err != nil {
		log.Fatal(err)
	}
	if err := sub.Close(); err != nil {
		log.Fatal(err)
	}
	for {
		_, err := sub.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
	}
	fmt.Println(sub.Err())
	// Output: <nil>
}

// A consumer that stops before the end discards what is queued, so that Drain does not wait for it.
func ExampleSubscription_Discard() {
	c, sub, done := subscribed()
	defer done()
	ctx := context.Background()

	if _, err := sub.Next(ctx); err != nil {
		log.Fatal(err)
	}
	sub.Discard()
	_, err := sub.Next(ctx)
	fmt.Println(err)
	fmt.Println(c.Drain(ctx))
	// Output:
	// EOF
	// <nil>
}

// A queue with room for one event. Dropped counts the others, and a Gap reports them.
func ExampleSubscription_Dropped() {
	c, sub, done := subscribed(client.WithBuffer(1, 1<<20), client.WithOverflow(client.OverflowDropOldest))
	defer done()
	ctx := context.Background()

	for c.Counters().DroppedEvents < 2 { // job.enqueued and job.started make room for job.completed
		time.Sleep(time.Millisecond)
	}
	ev, err := sub.Next(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if gap, ok := ev.Payload().(*client.Gap); ok {
		fmt.Println(gap.Cause)
	}
	fmt.Println(sub.Dropped(), "dropped")
	// Output:
	// overflow
	// 2 dropped
}

// With OverflowFail a subscription that is read too slowly ends, and Err says why.
func ExampleSubscription_Err() {
	c, sub, done := subscribed(client.WithBuffer(1, 1<<20), client.WithOverflow(client.OverflowFail))
	defer done()

	for sub.Err() == nil && c.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	fmt.Println(errors.Is(sub.Err(), client.ErrOverflow))
	// Output: true
}

// Unsubscribe ends a subscription by its ID, which may be unknown or ended already.
func ExampleClient_Unsubscribe() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	sub, err := c.Subscribe(ctx, client.ChannelWorkflows)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Unsubscribe(ctx, sub.ID))
	fmt.Println(c.Unsubscribe(ctx, sub.ID))
	_, err = sub.Next(ctx)
	fmt.Println(err)
	// Output:
	// <nil>
	// <nil>
	// EOF
}
