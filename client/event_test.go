package client

import (
	"strings"
	"testing"

	"github.com/xraph/dispatch/internal/wire"
)

func TestErrorOfAnUndecodableEventHasAWeight(t *testing.T) {
	t.Parallel()
	data := []byte(`{"` + strings.Repeat("x", 100) + `":}`)
	ev := eventOf(&wire.Frame{Channel: "job:1", Data: data}, len(data))
	if ev.err == nil {
		t.Fatal("it decodes")
	}
	if least := eventOverhead + len(data) + len(ev.Topic) + len(ev.err.Error()); ev.weight() < least {
		t.Errorf("it weighs %d bytes, want at least %d", ev.weight(), least)
	}
}

func TestDataThatIsMostOfItsMessageIsNotCopied(t *testing.T) {
	t.Parallel()
	data := []byte(`{"type":"job.started","topic":"job:1","data":{"job_id":"1","queue":"default"}}`)
	ev := eventOf(&wire.Frame{Data: data}, len(data)+300)
	if &ev.Data[0] != &data[strings.Index(string(data), `{"job_id"`)] {
		t.Error("the data is a copy")
	}
}
