package client

import (
	"context"
	"fmt"
	"slices"
)

// WorkflowClient is what a [Flow] needs of a client. [*Client] implements it.
type WorkflowClient interface {
	RunWorkflow(ctx context.Context, name string, input any, opts ...RunOption) (*Run, error)
	AwaitWorkflow(ctx context.Context, runID string) (*WorkflowRun, error)
}

var _ WorkflowClient = (*Client)(nil)

// Flow is a kind of workflow: its name, the types of its input and output, and the options with
// which it is run. Use [NewFlow] to make one, such as for a package's variable. It does not change,
// so it is safe for concurrent use.
type Flow[In, Out any] struct {
	name string
	opts []RunOption
}

// NewFlow returns the flow whose runs are of the workflow with this name. The options are those of
// every run; a call's own options come after them, and so win over them.
func NewFlow[In, Out any](name string, opts ...RunOption) *Flow[In, Out] {
	return &Flow[In, Out]{name: name, opts: slices.Clone(opts)}
}

// Name returns the name of the workflow.
func (f *Flow[In, Out]) Name() string { return f.name }

// Run starts a run and returns at once. Its errors, and what ctx bounds, are those of
// [Client.RunWorkflow].
func (f *Flow[In, Out]) Run(ctx context.Context, c WorkflowClient, in In, opts ...RunOption) (*FlowRun[Out], error) {
	run, err := c.RunWorkflow(ctx, f.name, in, slices.Concat(f.opts, opts)...)
	if err != nil {
		return nil, err
	}
	return &FlowRun[Out]{Run: run}, nil
}

// Wait waits until the run with this ID, which anything may have started, has ended, as
// [Client.AwaitWorkflow] does, and returns its output as [FlowRun.Wait] does.
func (f *Flow[In, Out]) Wait(ctx context.Context, c WorkflowClient, runID string) (Out, error) {
	return outputOf[Out](c.AwaitWorkflow(ctx, runID))
}

// FlowRun is a run of a [Flow]. The methods of the [Run] are its own, except for Wait, which
// returns the output instead of the record: Run.Wait of its field returns that.
type FlowRun[Out any] struct{ *Run }

// Wait waits until the run has ended or ctx ends, and returns the run's output: the zero value if
// it has none. If the run was not completed, the error is a [*RunError]. Otherwise the errors are
// those of [Run.Wait] and [WorkflowRun.DecodeOutput].
func (r *FlowRun[Out]) Wait(ctx context.Context) (Out, error) { return outputOf[Out](r.Run.Wait(ctx)) }

// outputOf returns the output of a run that has ended.
func outputOf[Out any](run *WorkflowRun, err error) (out Out, _ error) {
	switch {
	case err != nil:
		return out, err
	case run.State != RunStateCompleted:
		return out, &RunError{Run: run}
	case len(run.Output) == 0:
		return out, nil
	}
	if err := run.DecodeOutput(&out); err != nil {
		var none Out
		return none, err
	}
	return out, nil
}

// RunError is the error of [Flow.Wait] and [FlowRun.Wait] for a run that has ended and was not
// completed. [SafeToRetry] is false, because steps of the run may have done their work.
type RunError struct{ Run *WorkflowRun }

func (e *RunError) Error() string {
	text := fmt.Sprintf("dispatch: run %s (%s) is %s", e.Run.ID, e.Run.Name, e.Run.State)
	if e.Run.Error != "" {
		text += ": " + e.Run.Error
	}
	return text
}
