package run

import (
	"encoding/json"
	"testing"
	"time"

	"proof/formats"
)

var _ = formats.Formats{Int8: new(int8), Int32: new(int32), Int64: new(int64), Uint64: new(uint64), Port: new(uint16), Byte: []byte{}}

func TestUnitsBecomeDurations(t *testing.T) {
	t.Parallel()
	var d formats.Durations
	if err := json.Unmarshal([]byte(`{"ns":1,"us":2,"ms":3,"s":4}`), &d); err != nil {
		t.Fatal(err)
	}
	if *d.Ns != time.Nanosecond || d.Us != 2*time.Microsecond || d.Ms != 3*time.Millisecond || *d.S != 4*time.Second {
		t.Errorf("%+v", d)
	}
}
