package codec

import (
	"testing"

	"github.com/tinylib/msgp/msgp"
)

func TestWhatFollowsAValueIsLeftToOthers(t *testing.T) {
	t.Parallel()
	b := msgp.AppendString(nil, "circle")
	b = msgp.AppendString(b, "next")
	text, rest, err := ReadMsgJSON(b)
	if err != nil || string(text) != `"circle"` || string(rest) != "\xa4next" {
		t.Errorf("read %s, left %q, %v", text, rest, err)
	}
	if rest, err := MsgFixed(`"circle"`).UnmarshalMsg(b); err != nil || string(rest) != "\xa4next" {
		t.Errorf("a constant leaves %q, %v", rest, err)
	}
}
