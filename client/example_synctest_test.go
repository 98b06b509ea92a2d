package client_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/dwptest"
)

// testReport is a test as a program that uses the client has them.
func testReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, c := dwptest.New(t, dwptest.InMemory())
		srv.HandleJob("report", func(context.Context, devserver.Job) error {
			time.Sleep(time.Hour)
			return nil
		})

		start := time.Now()
		result, err := c.Enqueue(t.Context(), "report", nil)
		if err != nil {
			t.Fatal(err)
		}
		job, err := c.AwaitJob(t.Context(), result.JobID)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); job.State != "completed" || took < time.Hour {
			t.Errorf("the job is %s after %s", job.State, took)
		}
	})
}

// With a server in memory, a test runs in a bubble of testing/synctest. Its clock is fake, so a job
// that takes an hour costs no time.
func Example_synctest() {
	var t *testing.T // of the test function
	testReport(t)
}
