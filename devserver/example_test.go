package devserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
)

// dial makes a server listen and a client of it.
func dial(srv *devserver.Server) *client.Client {
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	c, err := client.DialContext(context.Background(), srv.URL(), client.WithToken(devserver.DefaultToken))
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func Example() {
	srv := devserver.New()
	defer srv.Close()
	srv.HandleJob("send-email", func(_ context.Context, job devserver.Job) error {
		fmt.Printf("attempt %d: %s\n", job.Attempt, job.Payload)
		return nil
	})
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	c, err := client.DialContext(ctx, srv.URL(), client.WithToken(devserver.DefaultToken))
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	result, err := c.Enqueue(ctx, "send-email", map[string]string{"to": "user@example.com"})
	if err != nil {
		log.Fatal(err)
	}
	job, err := c.AwaitJob(ctx, result.JobID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.State)
	// Output:
	// attempt 1: {"to":"user@example.com"}
	// completed
}

func ExampleServer_HandleWorkflow() {
	srv := devserver.New()
	defer srv.Close()
	srv.HandleWorkflow("order-pipeline", func(_ context.Context, run *devserver.Run) (any, error) {
		var order struct {
			ID string `json:"ID"`
		}
		if err := json.Unmarshal(run.Input(), &order); err != nil {
			return nil, err
		}
		err := run.Step("charge", func(context.Context) (any, error) {
			return nil, errors.New("card declined")
		})
		return order, err
	})
	c := dial(srv)
	defer c.Close()

	ctx := context.Background()
	result, err := c.StartWorkflow(ctx, "order-pipeline", map[string]string{"id": "ORD-001"})
	if err != nil {
		log.Fatal(err)
	}
	run, err := c.GetWorkflow(ctx, result.RunID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.State, "with:", run.Error)
	// Output: failed with: workflow order-pipeline step "charge": card declined
}

// A method that the protocol does not have yet is served by its name.
func ExampleServer_HandleRaw() {
	srv := devserver.New()
	defer srv.Close()
	srv.HandleRaw("job.pause", func(_ context.Context, data json.RawMessage) (any, error) {
		var request struct {
			JobID string `json:"job_id"`
		}
		if err := json.Unmarshal(data, &request); err != nil {
			return nil, devserver.Errorf(client.CodeBadRequest, "invalid request: %v", err)
		}
		return map[string]string{"status": "paused"}, nil
	})
	c := dial(srv)
	defer c.Close()

	var result struct{ Status string }
	if err := c.Call(context.Background(), "job.pause", map[string]string{"job_id": "job_1"}, &result); err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Status)
	// Output: paused
}

// The connection is cut in the middle of the reply. The client cannot know whether the job
// was enqueued, and says so; the server's journal knows.
func ExampleServer_Inject() {
	srv := devserver.New()
	defer srv.Close()
	srv.Inject(
		fault.CutAfter(20, fault.Replies(client.MethodJobEnqueue).Nth(1)),
		fault.Refuse(503, "not yet", fault.Upgrades().Skip(1).First(2)),
	)
	c := dial(srv)
	defer c.Close()

	_, err := c.Enqueue(context.Background(), "send-email", nil)
	_, unknown := errors.AsType[*client.OutcomeUnknownError](err)
	fmt.Println("outcome unknown:", unknown)
	for _, done := range srv.Journal() {
		fmt.Println("the server did", done.Method, done.Name)
	}
	// Output:
	// outcome unknown: true
	// the server did job.enqueue send-email
}

func ExampleServer_Restart() {
	srv := devserver.New()
	defer srv.Close()
	c := dial(srv)
	defer c.Close()

	ctx := context.Background()
	result, err := c.Enqueue(ctx, "send-email", nil)
	if err != nil {
		log.Fatal(err)
	}
	srv.Restart(true)
	_, err = c.GetJob(ctx, result.JobID)
	fmt.Println(err)
	srv.Restart(false)
	_, err = c.GetJob(ctx, result.JobID)
	fmt.Println(errors.Is(err, client.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleServer_FireCron() {
	srv := devserver.New()
	defer srv.Close()
	c := dial(srv)
	defer c.Close()

	ctx := context.Background()
	sub, err := c.Subscribe(ctx, client.ChannelFirehose)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := srv.FireCron("nightly", "cleanup", nil); err != nil {
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
	// cron.fired
}

func ExampleWithHook() {
	var log []string
	srv := devserver.New(devserver.WithHook(func(m devserver.Traffic) {
		if m.Frame != nil && m.Frame.Method != "" { // a request
			log = append(log, fmt.Sprint(m.Dir, " ", m.Format, " ", m.Frame.Method))
		}
	}))
	c := dial(srv)
	defer c.Close()
	if _, err := c.Stats(context.Background()); err != nil {
		panic(err)
	}
	srv.Close() // waits for the hook
	for _, line := range log {
		fmt.Println(line)
	}
	// Output:
	// in json auth
	// in json stats
}
