package client

import "errors"

// receipt is a result with the id of what a call created. A reply may lack other members, because
// the server may use another version of the schema. A reply without the id is an error: the caller
// could mistake it for success.
type receipt interface{ createdID() string }

func (r *EnqueueResult) createdID() string { return r.JobID }

func (r *WorkflowResult) createdID() string { return r.RunID }

func checkReceipt(result any) error {
	if r, ok := result.(receipt); ok && r.createdID() == "" {
		return errors.New("the result has no id")
	}
	return nil
}
