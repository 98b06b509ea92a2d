package dwptest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/devserver"
	"github.com/xraph/dispatch/devserver/fault"
	"github.com/xraph/dispatch/dwptest"
)

// Welcomer is the code under test below: it enqueues a mail to each person who signs up.
type Welcomer struct{ Dispatch *client.Client }

func (w *Welcomer) SignUp(ctx context.Context, address string) (jobID string, err error) {
	job, err := w.Dispatch.Enqueue(ctx, "send-email", map[string]string{"to": address}, client.WithQueue("critical"))
	if err != nil {
		return "", err
	}
	return job.JobID, nil
}

// A test gets a server and a client of it, says what the server's workers do, and
// looks at what came of it. That the program asks for nothing twice when the connection is cut
// under it, the server's journal shows.
func Example() {
	test := func(t testing.TB) {
		srv, c := dwptest.New(t, dwptest.WithServer(devserver.WithQueues("default", "critical")))
		sent := make(chan string, 1)
		srv.HandleJob("send-email", func(_ context.Context, job devserver.Job) error {
			var mail struct {
				To string `json:"to"`
			}
			err := json.Unmarshal(job.Payload, &mail)
			sent <- mail.To
			return err
		})

		w := &Welcomer{Dispatch: c}
		id, err := w.SignUp(t.Context(), "ann@example.com")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("sent to", <-sent)

		job, err := c.AwaitJob(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("the job is", job.State)

		srv.Inject(fault.Cut(fault.Replies(client.MethodJobEnqueue)))
		_, err = w.SignUp(t.Context(), "bob@example.com")
		fmt.Println("safe to repeat:", client.SafeToRetry(err))
		fmt.Println("jobs enqueued:", len(srv.Journal(client.MethodJobEnqueue)))
	}

	run(test) // as `go test` would
	// Output:
	// sent to ann@example.com
	// the job is completed
	// safe to repeat: false
	// jobs enqueued: 2
}
