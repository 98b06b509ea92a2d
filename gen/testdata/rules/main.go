// Command rules uses what the changed schema added to the client, against a
// server that serves it by name.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
)

func main() {
	for _, format := range []string{"json", "msgpack"} {
		if err := run(format); err != nil {
			fmt.Fprintln(os.Stderr, format+":", err)
			os.Exit(1)
		}
	}
}

func run(format string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	srv := devserver.New()
	defer srv.Close()
	if err := srv.Listen("127.0.0.1:0"); err != nil {
		return err
	}
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	srv.HandleRaw("job.pause", func(_ context.Context, data json.RawMessage) (any, error) {
		var request client.PauseJobRequest
		if err := json.Unmarshal(data, &request); err != nil {
			return nil, err
		}
		return &client.PauseJobResult{Status: "paused " + request.JobID + " for " + fmt.Sprint(request.Reasons)}, nil
	})
	srv.HandleRaw("job.enqueue", func(_ context.Context, data json.RawMessage) (any, error) {
		var request client.EnqueueRequest
		if err := json.Unmarshal(data, &request); err != nil {
			return nil, err
		}
		if !request.RunAt.Equal(at) {
			return nil, fmt.Errorf("run_at is %v in %s", request.RunAt, data)
		}
		return &client.EnqueueResult{JobID: "job_1", Queue: request.Queue, State: string(client.JobStatePaused)}, nil
	})
	c, err := client.DialContext(ctx, srv.URL(), client.WithToken(devserver.DefaultToken), client.WithFormat(format))
	if err != nil {
		return err
	}
	defer c.Close()
	paused, err := c.PauseJob(ctx, "job_1", client.WithReasons([]string{"tired"}), client.WithQueue("night"))
	if err != nil {
		return err
	}
	if paused.Status != "paused job_1 for [tired]" {
		return fmt.Errorf("PauseJob says %q", paused.Status)
	}
	// One constructor serves both methods that have the member.
	enqueued, err := c.Enqueue(ctx, "x", nil, client.WithRunAt(at), client.WithQueue("night"))
	if err != nil {
		return err
	}
	if enqueued.State != "paused" || enqueued.Queue != "night" {
		return fmt.Errorf("Enqueue says %+v", enqueued)
	}
	sub, err := c.Subscribe(ctx, client.ChannelJobs)
	if err != nil {
		return err
	}
	srv.Publish(client.EventJobPaused, "job:job_1", &client.PauseEvent{JobID: "job_1"})
	ev, err := sub.Next(ctx)
	if err != nil {
		return err
	}
	if pause, ok := ev.Payload().(*client.PauseEvent); !ok || pause.JobID != "job_1" {
		return fmt.Errorf("the event is %T %s", ev.Payload(), ev.Data)
	}
	return c.Close()
}
