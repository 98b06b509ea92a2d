package msgpack

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/codec"
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

func TestUntypedValuesAreMsgpacksOwn(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`null`, `true`, `"123"`, `"é\u003c"`, `7`, `-7`, `18446744073709551615`, `0.5`, `1e+300`, `[]`, `{}`, `[1,"a",[null]]`, `{"a":{"b":[1.5]}}`,
	} {
		raw := json.RawMessage(text)
		packed, err := Native{}.Append(nil, &raw)
		if err != nil {
			t.Fatal(err)
		}
		if size := (Native{}).Size(&raw); len(packed) > size {
			t.Errorf("%s: %d bytes, where Size says %d", text, len(packed), size)
		}
		var back json.RawMessage
		if rest, err := (Native{}).Read(packed, &back); err != nil || len(rest) > 0 || string(back) != text {
			t.Errorf("%s is read back as %s, %d bytes are left, %v", text, back, len(rest), err)
		}
	}
	for text, want := range map[string]string{"1.0": "1", "4348440791105370888.0": "4348440791105370888", "1.8446744073709551615e19": "18446744073709551615"} {
		raw := json.RawMessage(text)
		packed, err := Native{}.Append(nil, &raw)
		if err != nil {
			t.Fatal(err)
		}
		if back, _, err := ReadJSON(packed); err != nil || string(back) != want || msgp.NextType(packed) == msgp.Float64Type {
			t.Errorf("%s is %x, which is %s, %v", text, packed, back, err)
		}
	}
	none := json.RawMessage(nil)
	if packed, err := (Native{}).Append(nil, &none); err != nil || !msgp.IsNil(packed) {
		t.Errorf("nothing is %x, %v", packed, err)
	}
	value, read := any(map[string]any{"a": []int{1}}), any(nil)
	packed, err := NativeAny{}.Append(nil, &value)
	if err != nil || msgp.NextType(packed) != msgp.MapType {
		t.Fatalf("%x, %v", packed, err)
	}
	if _, err := (NativeAny{}).Read(packed, &read); err != nil || string(read.(json.RawMessage)) != `{"a":[1]}` {
		t.Errorf("read %s, %v", read, err)
	}
}

func TestMsgpackThatIsNoJSONIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		packed []byte
		kind   error
	}{
		"not a number":  {msgp.AppendFloat64(nil, math.NaN()), codec.ErrValue},
		"infinite":      {msgp.AppendFloat32(nil, float32(math.Inf(1))), codec.ErrValue},
		"an extension":  {[]byte{0xd4, 7, 0}, codec.ErrType},
		"a numeric key": {[]byte{0x81, 1, 1}, nil},
		"too short":     {[]byte{0x92, 1}, msgp.ErrShortBytes},
		"deep":          {bytes.Repeat([]byte{0x91}, 600), codec.ErrDepth},
	} {
		text, rest, err := ReadJSON(test.packed)
		if err == nil || test.kind != nil && !errors.Is(err, test.kind) || text != nil || !bytes.Equal(rest, test.packed) {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
	at := time.Date(2026, 7, 1, 12, 0, 0, 5, time.FixedZone("", 7200))
	if text, _, err := ReadJSON(msgp.AppendTimeExt(nil, at)); err != nil || string(text) != `"2026-07-01T10:00:00.000000005Z"` {
		t.Errorf("a time is %s, %v", text, err)
	}
}
