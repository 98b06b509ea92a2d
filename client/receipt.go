package client

import "errors"

// receipt is a result that says what was made by its id. Members may be missing from a reply,
// because servers may know another version of the schema; but a receipt without the id says
// nothing, and its caller must not take it for success.
type receipt interface{ madeID() string }

func (r *EnqueueResult) madeID() string { return r.JobID }

func (r *WorkflowResult) madeID() string { return r.RunID }

func checkReceipt(result any) error {
	if r, ok := result.(receipt); ok && r.madeID() == "" {
		return errors.New("no id of what was made")
	}
	return nil
}
