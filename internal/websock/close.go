package websock

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// ParseClose returns what a close frame's payload says: ws.StatusNoStatusRcvd if it is empty. Codes
// from 1000 to 4999 are accepted except those that never appear in a frame, so that codes
// registered after this was written are. Its error is a [*ProtocolError].
func ParseClose(payload []byte) (code ws.StatusCode, reason string, err error) {
	if len(payload) == 0 {
		return ws.StatusNoStatusRcvd, "", nil
	}
	code, reason = ws.ParseCloseFrameData(payload)
	switch {
	case len(payload) == 1, code < 1000, code.IsProtocolReserved(), code >= 5000:
		return 0, "", &ProtocolError{Reason: fmt.Sprintf("bad WebSocket close frame: % x", payload[:min(2, len(payload))])}
	case !utf8.ValidString(reason):
		return 0, "", &ProtocolError{Reason: "bad WebSocket close frame", Err: ws.ErrProtocolInvalidUTF8}
	}
	return code, reason, nil
}
