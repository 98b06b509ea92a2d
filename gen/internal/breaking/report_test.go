package breaking

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, name string) Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return Schema{name + ".json", text}
}

func compare(t *testing.T, name string) *Report {
	t.Helper()
	report, err := Compare(read(t, "old"), read(t, name), nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAcceptedChangesAreNotHarmful(t *testing.T) {
	t.Parallel()
	list, err := ParseAcceptances("accept.json", []byte(`[
		{"pointer": "#/$defs/Task/required", "what": "\"priority\" is no longer required", "reason": "Nobody read it."},
		{"pointer": "#/$defs/Task/required", "what": "\"title\" is no longer required", "reason": "Another change."},
		{"pointer": "#/$defs/Nothing", "reason": "It was planned."}
	]`))
	if err != nil {
		t.Fatal(err)
	}
	report := compare(t, "required-member-goes")
	if report.Harmful() != 1 {
		t.Fatalf("%d harmful changes before", report.Harmful())
	}
	report.Accept(list)
	if report.Harmful() != 0 {
		t.Errorf("%d harmful changes after", report.Harmful())
	}
	if diff := cmp.Diff(list[1:], report.Unused); diff != "" {
		t.Error(diff)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"accepted: Nobody read it.", "the acceptance of #/$defs/Nothing matches no change"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
}

func TestAcceptancesWantReasons(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`[{"pointer": "#/x"}]`, `[{"pointer": "#/x", "reason": " "}]`, `[{"reason": "why"}]`,
		`[{"pointer": "#/x", "reason": "why", "because": "why"}]`, `{}`, `[`,
	} {
		if _, err := ParseAcceptances("accept.json", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "accept.json: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestJSONReportSaysTheSame(t *testing.T) {
	t.Parallel()
	report := compare(t, "type-changes")
	var b bytes.Buffer
	if err := report.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var again Report
	if err := json.Unmarshal(b.Bytes(), &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report, &again, cmp.Comparer(func(a, b json.RawMessage) bool { return string(compact(a)) == string(compact(b)) })); diff != "" {
		t.Error(diff)
	}
}

func compact(raw json.RawMessage) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

func TestWhatIsNoSchemaIsAnError(t *testing.T) {
	t.Parallel()
	good := read(t, "old")
	for _, text := range []string{``, `[]`, `{} {}`, `{"$defs": {"A": {"type": "strin"}}}`, `{"$defs": {"A": {"$ref": "#/$defs/B"}}}`} {
		bad := Schema{"bad.json", []byte(text)}
		if _, err := Compare(good, bad, nil); err == nil || !strings.HasPrefix(err.Error(), "bad.json: ") {
			t.Errorf("new %s: %v", text, err)
		}
		if _, err := Compare(bad, good, nil); err == nil || !strings.HasPrefix(err.Error(), "bad.json: ") {
			t.Errorf("old %s: %v", text, err)
		}
	}
}

func TestReportsAreTheSameEveryTime(t *testing.T) {
	t.Parallel()
	var texts [2]strings.Builder
	for i := range texts {
		for _, name := range []string{"additions", "type-changes", "format-changes", "bound-loosens"} {
			if err := compare(t, name).WriteText(&texts[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(texts[0].String(), texts[1].String()); diff != "" {
		t.Error(diff)
	}
}

// TestProtocolChanges pins what has no witness: each change of the vocabulary, in both directions.
func TestProtocolChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, pointer, value string // an empty value removes
		oldClient, newClient Verdict
		reported             string
	}{
		{"method gone", "x-dwp-methods task.close", ``, Breaking, Compatible, ""},
		{"method no longer served", "x-dwp-methods task.close", `{"status": 405}`, Breaking, Compatible, ""},
		{"method new", "x-dwp-methods task.open", `{"go": "Open", "description": "Opens.", "response": {}, "idempotency": "safe"}`, Compatible, Compatible, ""},
		{"name declared", "x-dwp-methods task.open", `{"status": 405}`, Compatible, Compatible, ""},
		{"more idempotent", "x-dwp-methods task.create idempotency", `"idempotent"`, Compatible, Breaking, ""},
		{"less idempotent", "x-dwp-methods task.get idempotency", `"unsafe"`, Breaking, Compatible, ""},
		{"safe to idempotent", "x-dwp-methods task.get idempotency", `"idempotent"`, Compatible, Compatible, ""},
		{"blocking", "x-dwp-methods task.get blocking", `true`, Breaking, Compatible, ""},
		{"scope new", "x-dwp-methods task.get scope", `"task:read"`, Breaking, Compatible, ""},
		{"scope gone", "x-dwp-methods task.create scope", ``, Compatible, Breaking, ""},
		{"request gone", "x-dwp-methods task.get request", ``, Compatible, Breaking, ""},
		{"response gone", "x-dwp-methods task.get response", ``, Breaking, Compatible, ""},
		{"another response", "x-dwp-methods task.get response", `{"type": "array"}`, Breaking, Breaking, ""},
		{"broken payload", "$defs EventType x-dwp-events task.closed payload", `{"$ref": "#/$defs/Task"}`, Unproven, Breaking, ""},
		{"another Go name", "x-dwp-methods task.get go", `"Read"`, Compatible, Compatible, ""},
		{"error gone", "x-dwp-errors 404", ``, Compatible, Compatible, ""},
		{"error new", "x-dwp-errors 409", `{"go": "Conflict", "description": "Conflict."}`, Compatible, Compatible, ""},
		{"channel new", "x-dwp-channels", `{"tasks": {"description": "All."}}`, Compatible, Compatible, "x-dwp-channels tasks"},
		{"event gone", "$defs EventType x-dwp-events task.closed", ``, Breaking, Compatible, ""},
		{"another payload", "$defs EventType x-dwp-events task.closed payload", `{"$ref": "#/$defs/GetRequest"}`, Unproven, Unproven, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			old := read(t, "old")
			d, err := parse("old", old.Text)
			if err != nil {
				t.Fatal(err)
			}
			var value any = nothing{}
			if test.value != "" {
				if err := json.Unmarshal([]byte(test.value), &value); err != nil {
					t.Fatal(err)
				}
			}
			place := pointer(strings.Fields(test.pointer))
			if d, err = d.with(place, value); err != nil {
				t.Fatal(err)
			}
			report, err := Compare(old, Schema{"new.json", []byte(text(map[string]any(d)))}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.reported != "" {
				place = strings.Fields(test.reported)
			}
			for i := range report.Changes {
				c := &report.Changes[i]
				if !strings.HasPrefix(c.Pointer, place.String()) {
					t.Errorf("a change at %s", c.Pointer)
				}
				if c.OldClient.Verdict != test.oldClient || c.NewClient.Verdict != test.newClient {
					t.Errorf("%+v", c)
				}
			}
			if len(report.Changes) != 1 {
				t.Errorf("%d changes", len(report.Changes))
			}
		})
	}
}
