package msgpack

import (
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

func TestErrorsQuoteBoundedKeysOfMsgpackMaps(t *testing.T) {
	t.Parallel()
	coder := MapOf(Bool[bool]{})
	b := msgp.AppendMapHeader(nil, 1)
	b = msgp.AppendInt(msgp.AppendString(b, strings.Repeat("k", 100_000)), 7)
	var v map[string]bool
	_, err := coder.Read(b, &v)
	if err == nil || len(err.Error()) > 512 || !strings.Contains(err.Error(), "kkk") {
		t.Errorf("%.600v", err)
	}
}
