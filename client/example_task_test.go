package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/xraph/dispatch/client"
)

// Email is the payload of a job.
type Email struct {
	To string `json:"to"`
}

// sendEmail says once what a job is called, takes and needs.
var sendEmail = client.NewTask[Email]("send-email", client.WithQueue("critical"))

// The compiler checks the payload, and a job that was not completed is an error.
func ExampleNewTask() {
	c, done := connect()
	defer done()
	ctx := context.Background()

	result, err := sendEmail.Enqueue(ctx, c, Email{To: "user@example.com"}, client.WithPriority(10))
	if err != nil {
		log.Fatal(err)
	}
	job, err := sendEmail.Await(ctx, c, result.JobID)
	if failed, ok := errors.AsType[*client.JobError](err); ok {
		log.Fatal("the email was not sent: ", failed.Job.LastError)
	} else if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.Queue, job.Priority, job.State)
	// Output: critical 10 completed
}
