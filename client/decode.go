package client

import (
	"fmt"

	"github.com/xraph/dispatch/codec"
)

// DecodePayload decodes the job's payload into v, as [encoding/json.Unmarshal] does. The error
// names the job and the member; it is one, too, if there is no payload.
func (j *Job) DecodePayload(v any) error { return decodeMember("job", j.ID, "payload", j.Payload, v) }

// DecodeInput decodes what the run was started with into v, as [encoding/json.Unmarshal] does. The
// error names the run and the member; it is one, too, if there is no input.
func (r *WorkflowRun) DecodeInput(v any) error { return decodeMember("run", r.ID, "input", r.Input, v) }

// DecodeOutput decodes what the run has made into v, as [encoding/json.Unmarshal] does. The error
// names the run and the member; it is one, too, if there is no output, such as that of a run that
// has failed or not ended.
func (r *WorkflowRun) DecodeOutput(v any) error {
	return decodeMember("run", r.ID, "output", r.Output, v)
}

func decodeMember(kind, id, name string, data []byte, v any) error {
	if len(data) == 0 {
		return fmt.Errorf("dispatch: %s %s has no %s", kind, id, name)
	}
	if err := codec.Unmarshal(data, v); err != nil {
		return fmt.Errorf("dispatch: %s of %s %s: %w", name, kind, id, err)
	}
	return nil
}
