package websock

import (
	"errors"
	"testing"

	"github.com/gobwas/ws"
)

func TestParseClose(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		payload []byte
		code    ws.StatusCode // 0 for a protocol error
		reason  string
	}{
		"nothing":             {nil, 1005, ""},
		"one byte":            {[]byte{3}, 0, ""},
		"a code":              {ws.NewCloseFrameBody(1000, ""), 1000, ""},
		"a reason":            {ws.NewCloseFrameBody(1001, "bye"), 1001, "bye"},
		"service restart":     {ws.NewCloseFrameBody(1012, ""), 1012, ""},
		"an application's":    {ws.NewCloseFrameBody(4999, ""), 4999, ""},
		"too small":           {ws.NewCloseFrameBody(999, ""), 0, ""},
		"too large":           {ws.NewCloseFrameBody(5000, ""), 0, ""},
		"never in a frame":    {ws.NewCloseFrameBody(1005, ""), 0, ""},
		"a reason in Latin-1": {append(ws.NewCloseFrameBody(1000, ""), 0xe9), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, reason, err := ParseClose(test.payload)
			var broken *ProtocolError
			if code != test.code || reason != test.reason || errors.As(err, &broken) != (test.code == 0) {
				t.Errorf("%d, %q, %v", code, reason, err)
			}
		})
	}
}
