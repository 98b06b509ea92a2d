package client

import (
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/xraph/dispatch/internal/wire"
)

func TestErrorOfAnUndecodableEventHasAWeight(t *testing.T) {
	t.Parallel()
	data := []byte(`{"` + strings.Repeat("x", 100) + `":}`)
	arrived := arrivalOf(eventView(t, "job:1", data), len(data))
	ev := arrived.event
	if ev.err == nil {
		t.Fatal("it decodes")
	}
	if least := eventOverhead + len(data) + len(ev.Topic) + len(ev.err.Error()); arrived.weight < least {
		t.Errorf("it weighs %d bytes, want at least %d", arrived.weight, least)
	}
}

func TestDataThatIsMostOfItsMessageIsNotCopied(t *testing.T) {
	t.Parallel()
	view := eventView(t, "", []byte(`{"type":"job.started","topic":"job:1","data":{"job_id":"1","queue":"default"}}`))
	ev := arrivalOf(view, len(view.Data)+300).event
	if &ev.Data[0] != &view.Event.Data[0] {
		t.Error("the data is a copy")
	}
}

// eventView reads an event frame that has any bytes as its data, which only msgpack can carry.
func eventView(t *testing.T, channel string, data []byte) *wire.View {
	t.Helper()
	message := msgp.AppendMapHeader(nil, 4)
	message = msgp.AppendString(msgp.AppendString(message, "id"), "1")
	message = msgp.AppendString(msgp.AppendString(message, "type"), string(wire.TypeEvent))
	message = msgp.AppendString(msgp.AppendString(message, "channel"), strings.ToValidUTF8(channel, "?"))
	message = msgp.AppendBytes(msgp.AppendString(message, "data"), data)
	var v wire.View
	if err := wire.NewDecoder(wire.FormatMsgpack, wire.MaxDepth).Decode(message, &v); err != nil {
		t.Fatal(err)
	}
	return &v
}
