package wire

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tinylib/msgp/msgp"
)

func TestHeadingOfARecordedFrameIsReadOutOfItsBeginning(t *testing.T) {
	t.Parallel()
	for _, r := range recordings(t) {
		var fr Frame
		if r.format.Decode(r.data, &fr) != nil {
			continue
		}
		want := Heading{Type: fr.Type, CorrelID: fr.CorrelID, Channel: fr.Channel}
		if diff := cmp.Diff(want, r.format.Heading(r.data)); diff != "" {
			t.Errorf("%q: %s", r.data, diff)
		}
		// Servers write the members of every frame in one order: however a reply is cut within its
		// data, its call is known.
		for n := range r.data {
			cut := r.format.Heading(r.data[:n])
			for _, got := range [][2]string{
				{string(cut.Type), string(want.Type)}, {cut.CorrelID, want.CorrelID}, {cut.Channel, want.Channel},
			} {
				if got[0] != "" && got[0] != got[1] {
					t.Errorf("%q: %q where the frame has %q", r.data[:n], got[0], got[1])
				}
			}
		}
	}
}

// headed is a frame of members in this order, in both formats: a name, its value, and so on. The
// value of data is JSON text.
func headed(members ...string) map[Format][]byte {
	var texts []string
	msg := msgp.AppendMapHeader(nil, uint32(len(members)/2))
	for i := 0; i < len(members); i += 2 {
		name, value := members[i], members[i+1]
		msg = msgp.AppendString(msg, name)
		if name == "data" {
			texts = append(texts, fmt.Sprintf("%q:%s", name, value))
			msg = msgp.AppendBytes(msg, []byte(value))
			continue
		}
		texts = append(texts, fmt.Sprintf("%q:%q", name, value))
		msg = msgp.AppendString(msg, value)
	}
	return map[Format][]byte{FormatJSON: []byte("{" + strings.Join(texts, ",") + "}"), FormatMsgpack: msg}
}

func TestHeadingIsReadAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	all := Heading{Type: TypeResponse, CorrelID: "c-1", Channel: "job:1"}
	long := `{"a":["` + strings.Repeat("x", HeadingBytes) + `"]}`
	for _, test := range []struct {
		members []string
		want    Heading
	}{
		{[]string{"id", "1", "type", "response", "correl_id", "c-1", "channel", "job:1", "data", long}, all},
		{[]string{"channel", "job:1", "correl_id", "c-1", "type", "response", "data", long}, all},
		{[]string{"data", `{"b":[1,{}]}`, "x", "y", "type", "response", "channel", "job:1", "correl_id", "c-1", "id", long}, all},
		{[]string{"type", "response", "data", long, "correl_id", "c-1"}, Heading{Type: TypeResponse}},
		{[]string{"correl_id", "c-1", "id", long, "type", "response"}, Heading{CorrelID: "c-1"}},
		{[]string{"data", long, "type", "response", "correl_id", "c-1"}, Heading{}},
		{[]string{"correl_id", "c-1", "correl_id", "c-2", "type", "response", "data", long}, Heading{}},
		{[]string{"type", "event", "data", "1", "type", "response", "id", long}, Heading{}},
		{[]string{"correl_id", long}, Heading{}},
	} {
		for format, msg := range headed(test.members...) {
			if diff := cmp.Diff(test.want, format.Heading(msg[:HeadingBytes])); diff != "" {
				t.Errorf("%s, %.80q: %s", format, msg, diff)
			}
		}
	}
}

func TestHeadingOfWhatIsNoFrameIsEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "null", "[]", "7", "{", "\x81", "\xc0", "\xdf\xff\xff\xff\xff", `{"type":`, `{"type":7}`, "{\"type\":\"\xff\"}"} {
		for _, format := range []Format{FormatJSON, FormatMsgpack, ""} {
			if got := format.Heading([]byte(text)); got != (Heading{}) {
				t.Errorf("%q in %q: %+v", text, format, got)
			}
		}
	}
}
