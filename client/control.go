package client

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// control takes a WebSocket control frame: it has pings answered, and makes a close frame the error that it is.
func (t *transport) control(h ws.Header) error {
	payload, err := t.payload(nil, int(h.Length))
	if err != nil {
		return err
	}
	switch h.OpCode {
	case ws.OpPing:
		t.onPing(payload)
	case ws.OpClose:
		return closeError(payload)
	}
	return nil
}

func closeError(payload []byte) error {
	if len(payload) == 0 {
		return &CloseError{Code: int(ws.StatusNoStatusRcvd)}
	}
	code, reason := ws.ParseCloseFrameData(payload)
	switch {
	case len(payload) == 1, code < 1000, code.IsProtocolReserved(), code >= 5000:
		return &ProtocolError{Reason: fmt.Sprintf("bad WebSocket close frame: % x", payload[:min(2, len(payload))])}
	case !utf8.ValidString(reason):
		return &ProtocolError{Reason: "bad WebSocket close frame", Err: ws.ErrProtocolInvalidUTF8}
	}
	return &CloseError{Code: int(code), Reason: reason}
}
