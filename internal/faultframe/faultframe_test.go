package faultframe_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/internal/faultframe"
	"github.com/xraph/dispatch/internal/wire"
)

// TestCopiesHaveEveryMember: a member that is added to the protocol's frame is not lost on the way.
func TestCopiesHaveEveryMember(t *testing.T) {
	t.Parallel()
	full := &wire.Frame{
		ID: "1", Type: wire.TypeError, Method: "stats", CorrelID: "2", Token: "t", AppID: "a", OrgID: "o", Data: json.RawMessage(`1`),
		Error:   &wire.ErrorDetail{Code: 500, Message: "no", Details: json.RawMessage(`2`)},
		Channel: "jobs", Credits: 3, TS: time.Unix(4, 0).UTC(),
	}
	for i, v := range reflect.ValueOf(full).Elem().Fields() {
		if v.IsZero() {
			t.Fatalf("the test leaves %s empty", i.Name)
		}
	}
	if diff := cmp.Diff(full, faultframe.To(faultframe.From(full))); diff != "" {
		t.Error(diff)
	}
	if fr := faultframe.From(full); &fr.Data[0] != &full.Data[0] {
		t.Error("the payload was copied")
	}
}

func TestNoFrameIsNoFrame(t *testing.T) {
	t.Parallel()
	if faultframe.From(nil) != nil || faultframe.To(nil) != nil {
		t.Error("a frame was made of nil")
	}
}
