package msgpack

import (
	"testing"

	"github.com/tinylib/msgp/msgp"
)

func TestWhatFollowsAValueIsLeftToOthers(t *testing.T) {
	t.Parallel()
	b := msgp.AppendString(nil, "circle")
	b = msgp.AppendString(b, "next")
	text, rest, err := ReadJSON(b)
	if err != nil || string(text) != `"circle"` || string(rest) != "\xa4next" {
		t.Errorf("read %s, left %q, %v", text, rest, err)
	}
	if rest, err := Const(`"circle"`).UnmarshalMsg(b); err != nil || string(rest) != "\xa4next" {
		t.Errorf("a constant leaves %q, %v", rest, err)
	}
}

func TestOnlyLikelyVariantsOfAMapAreRead(t *testing.T) {
	t.Parallel()
	b := msgp.AppendMapHeader(nil, 1)
	b = msgp.AppendString(b, "a")
	b = msgp.AppendInt(b, 7)
	var read []string
	variant := func(name string, required ...string) Choice[string] {
		return Choice[string]{Required: required, Read: func([]byte) (string, []byte, error) {
			read = append(read, name)
			return name, nil, nil
		}}
	}
	if v, _, err := Choose(b, true, variant("both", "a", "b"), variant("one", "a"), variant("other", "b")); v != "one" || err != nil || len(read) != 1 {
		t.Errorf("chose %q after reading %v: %v", v, read, err)
	}
	read = nil
	if v, _, err := Choose(b, true, variant("b", "b"), variant("c", "c")); v != "c" || err != nil || len(read) != 1 {
		t.Errorf("without a likely one it chose %q after reading %v: %v", v, read, err)
	}
	if _, _, err := Choose(b, true, variant("a", "a"), variant("any")); err == nil {
		t.Error("two variants of a oneOf are no error")
	}
}
