package client

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// JobClient is what a [Task] needs of a client. [*Client] implements it; tests can use a fake.
type JobClient interface {
	Enqueue(ctx context.Context, name string, payload any, opts ...EnqueueOption) (*EnqueueResult, error)
	EnqueueMany(ctx context.Context, items iter.Seq[EnqueueItem], opts ...EnqueueManyOption) iter.Seq2[Enqueued, error]
	AwaitJob(ctx context.Context, jobID string) (*Job, error)
}

var _ JobClient = (*Client)(nil)

// Task is a kind of job: its name, the type of its payload, and the options with which it is
// enqueued. Use [NewTask] to make one, such as for a package's variable. It does not change, so it
// is safe for concurrent use.
type Task[In any] struct {
	name string
	opts []EnqueueOption
}

// NewTask returns the task whose jobs have this name. The options are those of every job; a call's
// own options come after them, and so win over them.
func NewTask[In any](name string, opts ...EnqueueOption) *Task[In] {
	return &Task[In]{name: name, opts: slices.Clone(opts)}
}

// Name returns the name of the task's jobs.
func (t *Task[In]) Name() string { return t.name }

// Enqueue enqueues a job of this task. Its blocking and its errors are those of [Client.Enqueue].
func (t *Task[In]) Enqueue(ctx context.Context, c JobClient, in In, opts ...EnqueueOption) (*EnqueueResult, error) {
	return c.Enqueue(ctx, t.name, in, slices.Concat(t.opts, opts)...)
}

// EnqueueMany enqueues a job of this task for each input of a sequence, as [Client.EnqueueMany]
// does. The payload of each [Enqueued.Item] is the input.
func (t *Task[In]) EnqueueMany(ctx context.Context, c JobClient, inputs iter.Seq[In], opts ...EnqueueManyOption) iter.Seq2[Enqueued, error] {
	return c.EnqueueMany(ctx, func(yield func(EnqueueItem) bool) {
		for in := range inputs {
			if !yield(EnqueueItem{Name: t.name, Payload: in, Options: t.opts}) {
				return
			}
		}
	}, opts...)
}

// Await waits until a job of this task has ended, as [Client.AwaitJob] does, and returns its
// record. If the job was not completed, the error is a [*JobError], beside the record.
func (t *Task[In]) Await(ctx context.Context, c JobClient, jobID string) (*Job, error) {
	job, err := c.AwaitJob(ctx, jobID)
	if err == nil && job.State != JobStateCompleted {
		err = &JobError{Job: job}
	}
	return job, err
}

// JobError is the error of [Task.Await] for a job that has ended and was not completed: it failed,
// or was cancelled. [SafeToRetry] is false, because the job's handler has run, perhaps in part.
type JobError struct{ Job *Job }

func (e *JobError) Error() string {
	text := fmt.Sprintf("dispatch: job %s (%s) is %s", e.Job.ID, e.Job.Name, e.Job.State)
	if e.Job.LastError != "" {
		text += ": " + e.Job.LastError
	}
	return text
}
