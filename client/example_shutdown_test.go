package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
)

func ExampleClient_Close() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	if err := c.Close(); err != nil {
		log.Fatal(err)
	}
	_, err := c.Stats(ctx)
	fmt.Println(errors.Is(err, client.ErrClosed))
	fmt.Println(c.Close()) // closing again is not an error
	// Output:
	// true
	// <nil>
}

// A program that shuts down gives its calls and consumers ten seconds to finish.
func ExampleClient_Drain() {
	c, done := connect()
	defer done()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := c.Drain(ctx)
	if left, ok := errors.AsType[*client.DrainError](err); ok {
		fmt.Println("not finished:", left.Calls, "calls and", left.Events, "events")
	}
	fmt.Println(err, c.State())
	// Output: <nil> closed
}

// Without reconnection the first lost connection closes the client.
func ExampleClient_Done() {
	c, srv, done := connectTo(client.WithReconnect(false))
	defer done()

	srv.Disconnect()
	select {
	case <-c.Done():
		fmt.Println(c.State())
	case <-time.After(time.Minute):
	}
	// Output: closed
}

// After Close, Err is ErrClosed. After any other end it is the reason.
func ExampleClient_Err() {
	c, srv, done := connectTo(client.WithReconnect(false))
	defer done()

	fmt.Println(c.Err())
	srv.Inject(fault.CloseWith(1013, "overloaded", fault.Requests(client.MethodStats)))
	_, _ = c.Stats(context.Background())
	<-c.Done()
	if closed, ok := errors.AsType[*client.CloseError](c.Err()); ok {
		fmt.Println(closed.Code, closed.Reason)
	}
	// Output:
	// <nil>
	// 1013 overloaded
}
