package client_test

import (
	"context"
	"fmt"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
)

// A batch of items, one of which the server refuses, and one whose answer is lost with the
// connection. The others do not notice.
func ExampleClient_EnqueueMany() {
	c, srv, done := connectTo()
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	srv.Inject(fault.Refuse(client.CodeBadRequest, "no such address", fault.Requests(client.MethodJobEnqueue).Nth(10)))
	srv.Inject(fault.Cut(fault.Replies(client.MethodJobEnqueue).Nth(1000)))

	items := func(yield func(client.EnqueueItem) bool) {
		for n := range 1000 {
			mail := map[string]string{"to": fmt.Sprintf("user%d@example.com", n)}
			if !yield(client.EnqueueItem{Name: "send-email", Payload: mail}) {
				return
			}
		}
	}
	enqueued := 0
	for done, err := range c.EnqueueMany(ctx, items) {
		switch {
		case err == nil:
			enqueued++
		case client.SafeToRetry(err):
			fmt.Println("not enqueued:", done.Item.Payload)
		default:
			fmt.Println("perhaps enqueued:", done.Item.Payload)
		}
	}
	fmt.Println(enqueued, "enqueued")
	// Output:
	// not enqueued: map[to:user9@example.com]
	// perhaps enqueued: map[to:user999@example.com]
	// 998 enqueued
}
