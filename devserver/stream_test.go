package devserver_test

import (
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/xraph/dispatch/client"
	"github.com/xraph/dispatch/internal/wire"
)

func TestMsgpackIsAcceptedInBinaryMessagesOnly(t *testing.T) {
	inBubble(t, nil, func(b *bubble, _ wire.Format) {
		p := b.login(wire.FormatMsgpack)
		message, err := wire.FormatMsgpack.Append(nil, &wire.Frame{ID: "1", Type: wire.TypePing, TS: time.Now()})
		if err != nil {
			b.Fatal(err)
		}
		p.write(ws.OpBinary, message)
		if fr := p.next(); fr.Type != wire.TypePong {
			b.Errorf("a binary message is answered with %+v", fr)
		}
		p.write(ws.OpText, message)
		b.ended(p, 0)
	})
}

func TestAnUndecodableFrameIsAnsweredAndNoMore(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		p.write(ws.OpBinary, []byte("{garbage"))
		if fr := p.next(); fr.Type != wire.TypeError || fr.CorrelID != "" || client.Code(fr.Error.Code) != client.CodeBadRequest {
			b.Errorf("it is answered with %+v", fr)
		}
		must[client.Stats](p, "stats", nil)
	})
}

func TestFragmentsArePutTogether(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		p := b.login(format)
		message, err := format.Append(nil, &wire.Frame{ID: "f", Type: wire.TypeRequest, Method: "stats", TS: time.Now()})
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range []ws.Frame{
			ws.NewFrame(ws.OpBinary, false, message[:10]),
			ws.NewPingFrame([]byte("between")),
			ws.NewFrame(ws.OpContinuation, false, message[10:11]),
			ws.NewFrame(ws.OpContinuation, true, message[11:]),
		} {
			if err := ws.WriteFrame(p.net, ws.MaskFrame(f)); err != nil {
				b.Fatal(err)
			}
		}
		if fr := p.next(); string(fr.Data) != "between" {
			b.Errorf("the WebSocket ping is answered with %+v", fr)
		}
		if fr := p.next(); fr.CorrelID != "f" {
			b.Errorf("the request is answered with %+v", fr)
		}
	})
}

func TestBadWebSocketFramesEndTheConnection(t *testing.T) {
	inBubble(t, nil, func(b *bubble, format wire.Format) {
		for name, f := range map[string]ws.Frame{
			"without a mask":    ws.NewTextFrame([]byte("{}")),
			"continues nothing": ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, []byte("{}"))),
			"reserved opcode":   ws.MaskFrame(ws.NewFrame(5, true, nil)),
			"not UTF-8":         ws.MaskFrame(ws.NewTextFrame([]byte{0xff})),
		} {
			p := b.login(format)
			if err := ws.WriteFrame(p.net, f); err != nil {
				b.Fatalf("%s: %v", name, err)
			}
			b.ended(p, 0)
		}
		for code, payload := range map[ws.StatusCode][]byte{
			1000: ws.NewCloseFrameBody(1000, "bye"), 1002: {3}, 4000: ws.NewCloseFrameBody(4000, ""), 0: nil,
		} {
			p := b.login(format)
			if err := ws.WriteFrame(p.net, ws.MaskFrame(ws.NewCloseFrame(payload))); err != nil {
				b.Fatal(err)
			}
			b.ended(p, code)
		}
	})
}
