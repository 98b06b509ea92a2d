package run

import (
	"encoding/json"
	"errors"
	"testing"

	"proof/enums"

	"github.com/xraph/dispatch/codec/validate"
)

func TestOpenEnumsKeepWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	var job enums.Job
	const text = `{"state":"unheard","level":7,"color":"red","size":"small"}`
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		t.Fatal(err)
	}
	if job.State != "unheard" || job.Level != 7 || job.Color != enums.PaintRed {
		t.Errorf("%+v", job)
	}
	var violations validate.Violations
	if err := job.Validate(); !errors.As(err, &violations) || len(violations) != 2 {
		t.Errorf("Validate returned %v, want two violations", err)
	}
	if got, err := json.Marshal(job); err != nil || string(got) != text {
		t.Errorf("written as %s, %v", got, err)
	}
}

func TestConstantsHaveTheValuesOfTheSchema(t *testing.T) {
	t.Parallel()
	for got, want := range map[enums.State]string{
		enums.StatePending: "pending", enums.StateInProgress: "in_progress", enums.State2fast: "2fast", enums.StateDLQ: "dead-letter",
	} {
		if string(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if enums.LevelMinus1 != -1 || enums.Level0 != 0 || enums.Level10 != 10 {
		t.Error("the levels have other values")
	}
	var plain string = enums.Job{}.Mode
	_ = plain
}
