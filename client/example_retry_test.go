package client_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver/fault"
)

// A call that was written and not answered is never repeated in silence if it could do its work
// twice.
func ExampleSafeToRetry() {
	c, srv, done := connectTo()
	defer done()
	ctx := context.Background()
	// the job is enqueued, and the answer is lost
	srv.Inject(fault.Cut(fault.Replies(client.MethodJobEnqueue).First(1)))

	_, err := c.Enqueue(ctx, "send-email", nil)
	if unknown, ok := errors.AsType[*client.OutcomeUnknownError](err); ok {
		fmt.Println("perhaps enqueued:", unknown.Method)
	}
	fmt.Println(client.SafeToRetry(err))

	_, err = c.Enqueue(ctx, "send-email", func() {}) // what cannot be encoded was never sent
	fmt.Println(client.SafeToRetry(err), client.RetryMayHelp(err))
	// Output:
	// perhaps enqueued: job.enqueue
	// false
	// true false
}

// A loop that repeats a call as long as that is safe and makes sense.
func ExampleRetryMayHelp() {
	c, srv, done := connectTo()
	defer done()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	srv.Inject(fault.Refuse(503, "starting", fault.Requests(client.MethodStats).First(2)))
	srv.Inject(fault.Cut(fault.Replies(client.MethodJobEnqueue).First(1)))

	retry := func(what string, call func() error) {
		for pause := 10 * time.Millisecond; ; pause *= 2 {
			err := call()
			switch {
			case err == nil:
				fmt.Println(what, "succeeded")
				return
			case client.RetryMayHelp(err):
				fmt.Println(what, "is tried again")
				time.Sleep(pause)
				continue
			}
			if _, ok := errors.AsType[*client.OutcomeUnknownError](err); ok {
				fmt.Println(what, "may have been done: look before you repeat it")
			} else {
				fmt.Println(what, "failed for good:", err)
			}
			return
		}
	}
	retry("the question", func() error { _, err := c.Stats(ctx); return err })
	retry("the job", func() error { _, err := c.Enqueue(ctx, "send-email", nil); return err })
	retry("the typo", func() error { return c.Call(ctx, "job.enqeue", nil, nil) })
	// Output:
	// the question is tried again
	// the question is tried again
	// the question succeeded
	// the job may have been done: look before you repeat it
	// the typo failed for good: dispatch: job.enqeue: unknown method: job.enqeue (code 405)
}
