package run

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xraph/dispatch/codec"

	"proof/presence"
)

// The types of the fields are what the compiler is asked about here.
var (
	_ = presence.Required{
		String: "", Text: "", Time: time.Time{}, Integer: 0, Number: 0, Bool: false, Bytes: []byte{}, List: []string{},
		Map: map[string]int{}, JSON: json.RawMessage{}, Struct: presence.Inner{N: 0},
	}
	_ = presence.Optional{
		String: new(string), Text: "", Time: &time.Time{}, Integer: new(int), Number: new(float64), Bool: new(bool), Bytes: []byte{},
		List: []string{}, Map: map[string]int{}, JSON: json.RawMessage{}, Struct: &presence.Inner{},
	}
	_ = presence.Default{String: "", Integer: 0, Number: 0, Bool: false, Ten: new(int), Yes: new(bool)}
	_ = presence.Nullable{String: new(string), Integer: new(int), Time: &time.Time{}, List: &[]string{}, Struct: &presence.Inner{}}
	_ = presence.Both{
		String: codec.Optional[string]{}, Integer: codec.Optional[int]{}, Time: codec.Optional[time.Time]{},
		List: codec.Optional[[]string]{}, Struct: codec.Optional[presence.Inner]{},
	}
)

func TestZeroValuesAreWrittenAsTheirPresenceSays(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		`{}`: presence.Optional{},
		`{"string":"","text":"","time":"0001-01-01T00:00:00Z","integer":0,"number":0,"bool":false,"bytes":"","list":[],"map":{},"json":null,"struct":{}}`: presence.Required{},
		`{"string":null,"integer":null,"time":null,"list":null,"struct":null,"null":null}`:                                                                presence.Nullable{},
	} {
		got, err := json.Marshal(v)
		if err != nil || string(got) != want {
			t.Errorf("%T{} is %s, %v, want %s", v, got, err, want)
		}
	}
}

func TestAbsentNullAndZeroAreThreeThings(t *testing.T) {
	t.Parallel()
	var both presence.Both
	if err := json.Unmarshal([]byte(`{"string":null,"integer":0}`), &both); err != nil {
		t.Fatal(err)
	}
	want := presence.Both{String: codec.NullOf[string](), Integer: codec.Some(0)}
	if diff := cmp.Diff(want, both); diff != "" {
		t.Error(diff)
	}
}
