package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

// connect starts an in-memory server with the jobs and workflows of the examples and
// dials it. done ends both.
func connect() (c *client.Client, done func()) {
	c, _, done = connectTo()
	return c, done
}

// connectTo is connect with options, for examples in which the server misbehaves.
func connectTo(opts ...client.Option) (c *client.Client, srv *devserver.Server, done func()) {
	srv = devserver.New(devserver.WithQueues("default", "critical"))
	srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
	srv.HandleJob("report", func(ctx context.Context, _ devserver.Job) error {
		<-ctx.Done()
		return ctx.Err()
	})
	srv.HandleWorkflow("order-pipeline", func(_ context.Context, run *devserver.Run) (any, error) {
		for _, step := range []string{"validate", "charge", "ship"} {
			if err := run.Step(step, func(context.Context) (any, error) { return nil, nil }); err != nil {
				return nil, err
			}
		}
		return map[string]string{"status": "shipped"}, nil
	})
	srv.HandleWorkflow("payment", func(_ context.Context, run *devserver.Run) (any, error) {
		return run.WaitForEvent("payment-received", time.Minute)
	})
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	opts = append([]client.Option{client.WithToken(devserver.DefaultToken)}, opts...)
	c, err := client.DialContext(context.Background(), srv.URL(), opts...)
	if err != nil {
		log.Fatal(err)
	}
	return c, srv, func() {
		c.Close()
		srv.Close()
	}
}

// The quick start, for the server of examples/server.
func Example_quickStart() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client.DialContext(ctx, "ws://localhost:8080/dwp", client.WithToken("dk_live_abc123"))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	result, err := c.Enqueue(ctx, "send-email", map[string]string{"to": "user@example.com"}, client.WithQueue("critical"))
	if err != nil {
		log.Fatal(err)
	}
	job, err := c.AwaitJob(ctx, result.JobID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.ID, "is", job.State)
}

func ExampleDialContext() {
	srv := devserver.New()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	ctx := context.Background()

	c, err := client.DialContext(ctx, srv.URL(), // such as wss://api.example.com/dwp
		client.WithToken("dk_live_abc123"),
		client.WithFormat("msgpack"), // or "json"
		client.WithLogger(slog.New(slog.DiscardHandler)),
		client.WithReconnect(true),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.State())

	_, err = client.DialContext(ctx, srv.URL(), client.WithToken("wrong"))
	fmt.Println(errors.Is(err, client.ErrUnauthorized))
	// Output:
	// ready
	// true
}

func ExampleClient_Enqueue() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	payload := map[string]string{"to": "user@example.com", "subject": "Hello!"}
	result, err := c.Enqueue(ctx, "send-email", payload, client.WithQueue("critical"), client.WithPriority(10))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.JobID[:4], result.Queue, result.State)
	// Output: job_ critical pending
}

func ExampleClient_GetJob() {
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
	fmt.Printf("%s has the payload %s\n", job.Name, job.Payload)

	_, err = c.GetJob(ctx, "job_01h2xcejqtf2nbrexx3vqjhp41")
	fmt.Println(errors.Is(err, client.ErrNotFound))
	// Output:
	// send-email has the payload {"to":"user@example.com"}
	// true
}

func ExampleClient_AwaitJob() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	result, err := c.Enqueue(ctx, "send-email", nil)
	if err != nil {
		log.Fatal(err)
	}
	job, err := c.AwaitJob(ctx, result.JobID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.State)
	// Output: completed
}

func ExampleClient_CancelJob() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	result, err := c.Enqueue(ctx, "report", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := c.CancelJob(ctx, result.JobID); err != nil {
		log.Fatal(err)
	}
	job, err := c.GetJob(ctx, result.JobID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.State)
	// Output: cancelled
}

func ExampleClient_Stats() {
	c, done := connect()
	defer done()

	stats, err := c.Stats(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Broker.SubscriberCount, "connection")
	// Output: 1 connection
}

// Call reaches methods for which this build has no Go method.
func ExampleClient_Call() {
	c, done := connect()
	defer done()

	var list []client.Job
	err := c.Call(context.Background(), "job.list", map[string]string{"queue": "critical"}, &list)
	fmt.Println(errors.Is(err, client.ErrMethodNotFound))
	if refused, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(refused.Code, refused.Message)
	}
	// Output:
	// true
	// 405 unknown method: job.list
}
