package dwptest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/dwptest"
)

// In a bubble of testing/synctest, the retries of a job take no time.
func ExampleInMemory() {
	test := func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			srv, c := dwptest.New(t, dwptest.InMemory(), dwptest.WithServer(devserver.WithMaxRetries(2)))
			srv.HandleJob("send-email", func(context.Context, devserver.Job) error {
				return errors.New("the mail server does not answer")
			})
			start := time.Now()
			result, err := c.Enqueue(t.Context(), "send-email", nil)
			if err != nil {
				t.Fatal(err)
			}
			job, err := c.AwaitJob(t.Context(), result.JobID)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println(job.State, "after", time.Since(start))
		})
	}

	runT(test) // as `go test` would
	// Output: failed after 3s
}

// A program that dials the server by itself needs its address and options.
func ExampleNewServer() {
	test := func(t testing.TB) {
		srv := dwptest.NewServer(t, dwptest.InMemory())
		c, err := client.DialContext(t.Context(), srv.URL(), srv.ClientOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Println(c.State())
	}

	run(test) // as `go test` would
	// Output: ready
}

// The server polls the queues that the program uses.
func ExampleWithServer() {
	test := func(t testing.TB) {
		srv, c := dwptest.New(t, dwptest.WithServer(devserver.WithQueues("critical")))
		srv.HandleJob("send-email", func(context.Context, devserver.Job) error { return nil })
		result, err := c.Enqueue(t.Context(), "send-email", nil, client.WithQueue("critical"))
		if err != nil {
			t.Fatal(err)
		}
		job, err := c.AwaitJob(t.Context(), result.JobID)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(job.Queue, job.State)
	}

	run(test) // as `go test` would
	// Output: critical completed
}

// PauseRequest and PauseResult are the data of a method of one's own. Let dwpgen generate such
// types from a schema with -target types; these are written by hand to keep the example short.
type (
	PauseRequest struct {
		JobID string `json:"job_id"`
	}
	PauseResult struct {
		Status string `json:"status"`
	}
)

// A method that the protocol does not have is served by HandleRaw and called by Call.
func ExampleAllowMethods() {
	test := func(t testing.TB) {
		srv, c := dwptest.New(t, dwptest.AllowMethods("job.pause"))
		srv.HandleRaw("job.pause", func(_ context.Context, data json.RawMessage) (any, error) {
			var q PauseRequest
			if err := json.Unmarshal(data, &q); err != nil {
				return nil, devserver.Errorf(client.CodeBadRequest, "invalid request: %v", err)
			}
			return PauseResult{Status: q.JobID + " is paused"}, nil
		})
		var result PauseResult
		if err := c.Call(t.Context(), "job.pause", PauseRequest{JobID: "job_1"}, &result); err != nil {
			t.Fatal(err)
		}
		fmt.Println(result.Status)
	}

	run(test) // as `go test` would
	// Output: job_1 is paused
}
