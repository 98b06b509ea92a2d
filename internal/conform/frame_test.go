package conform_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

// TestFrameFormatsAgree: the frame's own codecs keep every frame, are valid in JSON, and
// mean the same in both formats. To them, null is no data.
func TestFrameFormatsAgree(t *testing.T) {
	t.Parallel()
	d := definitions(t)["Frame"]
	documents(t, d, func(t *testing.T, document any) {
		text := marshal(t, document)
		want := d.normal(withoutNulls(parse(t, text)))
		fromJSON := new(wire.Frame)
		if err := wire.FormatJSON.Decode(text, fromJSON); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, format := range []wire.Format{wire.FormatJSON, wire.FormatMsgpack} {
			encoded, err := format.Append(nil, fromJSON)
			if err != nil {
				t.Fatalf("%s: %s: %v", format, text, err)
			}
			again := new(wire.Frame)
			if err := format.Decode(encoded, again); err != nil {
				t.Fatalf("%s: %s: %v", format, text, err)
			}
			if diff := cmp.Diff(fromJSON, again, equal...); diff != "" {
				t.Fatalf("%s: %s\n%s", format, text, diff)
			}
			asJSON, err := wire.FormatJSON.Append(nil, again)
			if err != nil {
				t.Fatal(err)
			}
			got := parse(t, asJSON)
			if err := d.compiled.Validate(got); err != nil {
				t.Fatalf("%s: %s\nbecame %s\n%#v", format, text, asJSON, err)
			}
			if diff := cmp.Diff(want, d.normal(got)); diff != "" {
				t.Fatalf("%s: %s\nbecame %s\n%s", format, text, asJSON, diff)
			}
		}
	})
}

// withoutNulls leaves out free-form members that are null.
func withoutNulls(frame any) any {
	members := frame.(map[string]any)
	if members["data"] == nil {
		delete(members, "data")
	}
	if detail, ok := members["error"].(map[string]any); ok && detail["details"] == nil {
		delete(detail, "details")
	}
	return members
}

// TestEnvelopesAreReadAlike: the single-pass reader of events and encoding/json agree.
func TestEnvelopesAreReadAlike(t *testing.T) {
	t.Parallel()
	documents(t, definitions(t)["EventEnvelope"], func(t *testing.T, document any) {
		text := marshal(t, document)
		var fast, slow wire.EventEnvelope
		if err := wire.DecodeEnvelope(text, &fast); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := json.Unmarshal(text, &slow); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if string(slow.Data) == "null" {
			slow.Data = nil
		}
		if diff := cmp.Diff(slow, fast, equal...); diff != "" {
			t.Fatalf("%s\n%s", text, diff)
		}
	})
}

// TestUnknownValuesSurvive: what a newer server calls a job's state is kept in both formats.
func TestUnknownValuesSurvive(t *testing.T) {
	t.Parallel()
	d := definitions(t)["Job"]
	job := d.written["examples"].([]any)[0].(map[string]any)
	job["state"] = "paused"
	value := decodeJSON(t, generated["Job"], marshal(t, job)).(*client.Job)
	packed, err := value.MarshalMsg(nil)
	if err != nil {
		t.Fatal(err)
	}
	again := new(client.Job)
	if _, err := again.UnmarshalMsg(packed); err != nil {
		t.Fatal(err)
	}
	if value.State != "paused" || again.State != "paused" {
		t.Errorf("%q after JSON, %q after msgpack", value.State, again.State)
	}
}
