package client_test

import (
	"strings"
	"testing"

	"github.com/xraph/dispatch/client"
)

func TestMembersOfRecordsAreDecoded(t *testing.T) {
	t.Parallel()
	for name, decode := range map[string]func(data []byte, v any) error{
		"payload of job 1": func(data []byte, v any) error { return (&client.Job{ID: "1", Payload: data}).DecodePayload(v) },
		"input of run 1":   func(data []byte, v any) error { return (&client.WorkflowRun{ID: "1", Input: data}).DecodeInput(v) },
		"output of run 1":  func(data []byte, v any) error { return (&client.WorkflowRun{ID: "1", Output: data}).DecodeOutput(v) },
	} {
		var v struct{ N int }
		if err := decode([]byte(`{"n":42}`), &v); err != nil || v.N != 42 {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		var job client.Job // reads itself
		if err := decode([]byte(`[42]`), &job); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s of the wrong type: %v", name, err)
		}
		if err := decode([]byte(`{"n":"x"}`), &v); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s of the wrong type: %v", name, err)
		}
		member, _, _ := strings.Cut(name, " ")
		if err := decode(nil, &v); err == nil || !strings.Contains(err.Error(), "1 has no "+member) {
			t.Errorf("no %s: %v", name, err)
		}
	}
}
