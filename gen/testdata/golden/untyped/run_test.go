package run

import (
	"testing"

	"github.com/tinylib/msgp/msgp"

	"proof/untyped"
)

// TestUntypedValuesOfPeersAreRead: a peer that has no schema writes strings as str and objects as
// maps, and understands what it is sent.
func TestUntypedValuesOfPeersAreRead(t *testing.T) {
	t.Parallel()
	peer := map[string]any{
		"any": "123", "object": map[string]any{"a": int64(1)}, "list": []any{"x"}, "vague": 0.5, "required": "null", "unknown": "kept",
	}
	packed, err := msgp.AppendIntf(nil, peer)
	if err != nil {
		t.Fatal(err)
	}
	var v untyped.Loose
	if _, err := v.UnmarshalMsg(packed); err != nil {
		t.Fatal(err)
	}
	if string(v.Any) != `"123"` || string(v.Required) != `"null"` || string(v.Extra["unknown"]) != `"kept"` {
		t.Errorf("read %s, %s and %s", v.Any, v.Required, v.Extra["unknown"])
	}
	if packed, err = v.MarshalMsg(nil); err != nil {
		t.Fatal(err)
	}
	back, _, err := msgp.ReadIntfBytes(packed)
	if err != nil {
		t.Fatal(err)
	}
	if m := back.(map[string]any); m["any"] != "123" || m["unknown"] != "kept" || m["object"].(map[string]any)["a"] != int64(1) {
		t.Errorf("a peer reads %v", back)
	}
}
