package client_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/xraph/dispatch/client"
)

func ExampleClient_State() {
	c, done := connect()
	defer done()

	fmt.Println(c.State())
	c.Close()
	fmt.Println(c.State())
	// Output:
	// ready
	// closed
}

// A health check waits for a connection for a short time.
func ExampleClient_Ready() {
	c, done := connect()
	defer done()

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := c.Ready(ctx); err != nil {
		fmt.Println("unhealthy:", err)
		return
	}
	fmt.Println("healthy")
	// Output: healthy
}

// A lost connection is replaced, and calls go on.
func ExampleClient_Transitions() {
	c, srv, done := connectTo()
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	transitions := c.Transitions(ctx) // from now on
	srv.Disconnect()
	for t := range transitions {
		fmt.Println(t.From, "to", t.To)
		if t.To == client.StateReady {
			break
		}
	}
	// Output:
	// ready to backing off
	// backing off to connecting
	// connecting to ready
}

func ExampleClient_Counters() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	sub, err := c.Subscribe(ctx, client.ChannelJobs)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.Enqueue(ctx, "send-email", nil); err != nil {
		log.Fatal(err)
	}
	for ev, err := range sub.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if ev.Type == client.EventJobCompleted {
			break
		}
	}
	counters := c.Counters()
	fmt.Println(counters.Sessions, "session,", counters.Events, "events,", counters.Retries, "retries")
	// Output: 1 session, 3 events, 0 retries
}

// The first round trip is the authentication. Further ones are the pings of idle connections.
func ExampleClient_RTT() {
	c, done := connect()
	defer done()

	rtt := c.RTT()
	fmt.Println(rtt.Samples, rtt.Last > 0, rtt.Last == rtt.Smoothed)
	// Output: 1 true true
}
